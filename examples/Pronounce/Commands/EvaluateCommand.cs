using System.CommandLine;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;

namespace Pronounce.Commands;

/// <summary><c>evaluate</c>: judges a model on words that it has not learned.</summary>
internal sealed class EvaluateCommand
{
    private readonly Option<string> load = CommonOptions.Model();
    private readonly Option<string?> test = CommonOptions.File("--test", "The words to judge by, a line each: WORD<TAB>P1 P2 ... Without it: the 8% of CMUdict that train leaves out.");
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<string> device = CommonOptions.Device();

    public static Command Create(IAnsiConsole console)
    {
        var self = new EvaluateCommand();
        var command = new Command("evaluate", "Judge a model: word error rate and phone error rate. A word is right if any of its pronunciations matches.")
        {
            self.load, self.test, self.beam, self.device,
        };
        command.SetAction((parsed, _) => Task.Run(() => self.Run(parsed, console), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, IAnsiConsole console)
    {
        using var speaker = Pronouncer.Load(parsed.GetRequiredValue(load), CommonOptions.Open(parsed.GetRequiredValue(device)));
        var stress = speaker.Settings.Stress;
        var words = parsed.GetValue(test) is { } path ? WordSets.ReadFile(path, stress) : WordSets.Cmudict(stress).Test;
        console.WriteLine(speaker.Judge(words, parsed.GetValue(beam)).ToString());
        return ExitCode.Success;
    }
}
