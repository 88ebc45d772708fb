using System.CommandLine;
using ContextAware.Visualization;
using Examples.Common;
using Scan.Language;
using Spectre.Console;

namespace Scan.Commands;

/// <summary><c>do</c>: carries out one command and shows what the model looked at.</summary>
internal sealed class DoCommand
{
    private readonly Argument<string[]> words = new("word") { Description = "The words of the command.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> load = ScanCommand.Model();
    private readonly Option<string?> map = CommonOptions.File("--map", "Also draw the attention to a file: .svg or .html.");
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<string> device = CommonOptions.Device();

    public static Command Create(IAnsiConsole console)
    {
        var self = new DoCommand();
        return new Command("do", "Carry out a command, and show where the model looked for each action.")
        {
            self.words, self.load, self.map, self.beam, self.device,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var file = parsed.GetValue(map);
        if (file is not null) MapFile.Check(file, 1);
        string[] command = [.. parsed.GetRequiredValue(words).SelectMany(CommandPair.Split)];
        using var translator = Translator.Load(parsed.GetRequiredValue(load), CommonOptions.Open(parsed.GetRequiredValue(device)));
        var (actions, written) = translator.Translate([command], parsed.GetValue(beam), needWeights: true, cancellation)[0];
        var rows = written.IsComplete ? [.. actions, "end"] : actions;
        var drawn = new AttentionMap(written.Weights!, rows, command, string.Join(' ', actions)) { RowAxis = "actions", ColumnAxis = "words" };
        MapText.Show(console, drawn);
        if (file is not null) MapFile.Write(file, [drawn]);
        return ExitCode.Success;
    }
}
