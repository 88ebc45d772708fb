using System.CommandLine;
using ContextAware.Models.Seq2Seq;
using ContextAware.Visualization;
using Examples.Common;
using Pronounce.Display;
using Pronounce.Speech;
using Spectre.Console;

namespace Pronounce.Commands;

/// <summary><c>say</c>: pronounces words and shows what the model looked at.</summary>
internal sealed class SayCommand
{
    private readonly Argument<string[]> words = new("word") { Description = "The words to pronounce.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> load = ModelOption.Create();
    private readonly Option<string?> map = CommonOptions.File("--map", "Also draw the attention to a file: .svg for one word, .html for any number.");
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<string> device = CommonOptions.Device();

    public static Command Create(IAnsiConsole console)
    {
        var self = new SayCommand();
        return new Command("say", "Pronounce words, and show where the model looked for each phone.")
        {
            self.words, self.load, self.map, self.beam, self.device,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var asked = parsed.GetRequiredValue(words);
        var file = parsed.GetValue(map);
        if (file is not null) MapFile.Check(file, asked.Length);
        using var speaker = Pronouncer.Load(parsed.GetValue(load), CommonOptions.Open(parsed.GetRequiredValue(device)));
        if (file is not null && !speaker.Network.Attends) throw new UserException("This model looks at nothing: there is no attention to draw.");
        var maps = new List<AttentionMap>();
        foreach (var said in speaker.Pronounce(asked, parsed.GetValue(beam), needWeights: true, cancellation))
        {
            if (said.Weights is null) console.PrintLine($"{said.Word}  {string.Join(' ', said.Phones)}");
            else maps.Add(SpeechMap.Show(console, said));
        }

        if (file is null) return ExitCode.Success;
        MapFile.Write(file, maps);
        console.PrintLine($"Wrote {file}");
        return ExitCode.Success;
    }
}
