using System.CommandLine;
using Ask.Answering;
using Ask.Questions;
using Examples.Common;
using Spectre.Console;

namespace Ask.Commands;

/// <summary><c>evaluate</c>: judges a model on pictures that it has not seen.</summary>
internal sealed class EvaluateCommand
{
    private readonly Option<string> load = AskCommand.Load();
    private readonly Option<string?> data = AskCommand.Data();
    private readonly Option<long> seed = CommonOptions.Seed();

    public static Command Create(IAnsiConsole console)
    {
        var self = new EvaluateCommand();
        return new Command("evaluate", "Judge a model: the share of right answers, for each kind of question.")
        {
            self.load, self.data, self.seed,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        using var asker = Asker.Load(parsed.GetRequiredValue(load));
        var test = parsed.GetValue(data) is { } folder ? EasyVqaSet.Read(folder).Test : ShapeSet.Protocol(parsed.GetValue(seed), 0).Test;
        foreach (var score in asker.Judge(test, cancellation)) console.PrintLine(score.ToString());
        return ExitCode.Success;
    }
}
