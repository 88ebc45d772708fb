using System.CommandLine;
using System.Globalization;
using Examples.Common;
using Scan.Language;
using Spectre.Console;

namespace Scan.Commands;

/// <summary><c>evaluate</c>: how many test commands are carried out without a mistake.</summary>
internal sealed class EvaluateCommand
{
    private readonly Option<string> load = ScanCommand.Model();
    private readonly Option<string> split = ScanCommand.Split();
    private readonly Option<string?> data = ScanCommand.Data();
    private readonly Option<bool> dev = new("--dev") { Description = "Judge by the held-out training commands instead of the test." };
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<string> device = CommonOptions.Device();

    public static Command Create(IAnsiConsole console)
    {
        var self = new EvaluateCommand();
        return new Command("evaluate", "Judge a model: the share of commands whose actions are all right.")
        {
            self.load, self.split, self.data, self.dev, self.beam, self.device,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        using var translator = Translator.Load(parsed.GetRequiredValue(load), CommonOptions.Open(parsed.GetRequiredValue(device)));
        using var files = ScanData.Open(parsed.GetValue(data));
        var name = parsed.GetRequiredValue(split);
        var pairs = ScanSplit.Read(name, files);
        var judged = parsed.GetValue(dev) ? pairs.Dev : pairs.Test;
        var share = translator.ExactMatch(judged, parsed.GetValue(beam), cancellation);
        console.PrintLine(string.Create(CultureInfo.InvariantCulture, $"{name} {(parsed.GetValue(dev) ? "dev" : "test")}: exact match {100 * share:0.00}% of {judged.Count:#,0} commands"));
        return ExitCode.Success;
    }
}
