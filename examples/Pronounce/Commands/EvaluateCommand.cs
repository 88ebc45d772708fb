using System.CommandLine;
using System.Globalization;
using ContextAware.Visualization;
using Examples.Common;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;
using static TorchSharp.torch;

namespace Pronounce.Commands;

/// <summary><c>evaluate</c>: judges models on words that they have not learned.</summary>
internal sealed class EvaluateCommand
{
    // Fewer words of a length say little of it.
    private const int FewestWords = 20;

    private readonly Option<string[]> load = new("--load") { Description = "The model to judge; several to compare them. Without it: the one that the program carries.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<bool> together = new("--together") { Description = "Let the models of --load speak together: the mean of their probabilities decides." };
    private readonly Option<string?> test = CommonOptions.File("--test", "The words to judge by, a line each: WORD<TAB>P1 P2 ... Without it: the 8% of CMUdict that train leaves out.");
    private readonly Option<bool> lengths = new("--lengths") { Description = "Also judge the words of each length apart." };
    private readonly Option<string?> chart = CommonOptions.File("--chart", "Also draw the word error rate over the length of the words to a file that ends in .svg.");
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<string> device = CommonOptions.Device();

    public static Command Create(IAnsiConsole console)
    {
        var self = new EvaluateCommand();
        return new Command("evaluate", "Judge a model: word error rate and phone error rate. A word is right if any of its pronunciations matches.")
        {
            self.load, self.together, self.test, self.lengths, self.chart, self.beam, self.device,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var drawn = parsed.GetValue(chart);
        if (drawn is not null) OutputFile.Check(drawn);
        var place = CommonOptions.Open(parsed.GetRequiredValue(device));
        var lines = new List<ChartSeries>();
        var files = parsed.GetValue(load) ?? [];
        if (parsed.GetValue(together))
        {
            if (files.Length < 2) throw new UserException($"--together needs several models after --load; there are {files.Length}.");
            using var speakers = Pronouncer.LoadTogether(files, place);
            lines.Add(Judge(parsed, console, speakers, "together", named: false, cancellation));
        }
        else
        {
            foreach (var (file, name) in files.Length == 0 ? [(null, "carried")] : files.Zip<string?, string>(Names(files)))
            {
                using var speaker = Pronouncer.Load(file, place);
                lines.Add(Judge(parsed, console, speaker, name, named: files.Length > 1, cancellation));
            }
        }

        if (drawn is null) return ExitCode.Success;
        FileErrors.Guard($"write {drawn}", () => LineChart.Save([new("Word error rate by length") { XAxis = "letters", YAxis = "%", Series = lines }], drawn));
        console.PrintLine($"Wrote {drawn}");
        return ExitCode.Success;
    }

    // A file's own name, or its folder's where the files of several runs have the same one.
    private static string[] Names(string[] files)
    {
        string[] own = [.. files.Select(file => Path.GetFileNameWithoutExtension(file))];
        return own.Distinct().Count() == own.Length
            ? own
            : [.. files.Select(file => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))!))];
    }

    private ChartSeries Judge(ParseResult parsed, IAnsiConsole console, Pronouncer speaker, string name, bool named, CancellationToken cancellation)
    {
        var stress = speaker.Settings.Stress;
        var words = parsed.GetValue(test) is { } path ? WordSets.ReadFile(path, stress) : WordSets.Cmudict(stress).Test;
        var (all, byLength) = speaker.JudgeByLength(words, parsed.GetValue(beam), cancellation);
        console.PrintLine(named ? $"{name}: {all}" : all.ToString());
        var telling = byLength.Where(pair => pair.Score.Words >= FewestWords).ToList();
        if (parsed.GetValue(lengths))
        {
            foreach (var (letters, score) in telling) console.PrintLine(string.Create(CultureInfo.InvariantCulture, $"{letters,4} letters: {score}"));
        }

        return new(name, [.. telling.Select(pair => ((double)pair.Letters, 100 * pair.Score.WordErrorRate))]);
    }
}
