using System.CommandLine;
using ContextAware.Visualization;
using Examples.Common;
using Pronounce.Display;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;
using static TorchSharp.torch;

namespace Pronounce.Commands;

/// <summary><c>demo</c>: trains a small model, judges it, and shows what it looks at.</summary>
internal sealed class DemoCommand
{
    private const int ShownWords = 5;

    private static readonly string[] Greeting = ["hello", "attention", "through", "knowledge", "seq", "transformer", "eyjafjallajokull"];

    private readonly Option<double> minutes = CommonOptions.Minutes("How long to train.", 4.75);
    private readonly Option<string> folder = CommonOptions.Folder(Path.Combine("artifacts", "pronounce"), "Where to keep the model and the page of maps.");
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> device = CommonOptions.Device();

    public static Command Create(IAnsiConsole console)
    {
        var self = new DemoCommand();
        return new Command("demo", "Say some words; then train for a few minutes, judge the model on words it has not seen, and show its attention on five of them.")
        {
            self.minutes, self.folder, self.seed, self.device,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var place = CommonOptions.Open(parsed.GetRequiredValue(device));
        var (model, page) = MakeFolder(parsed.GetRequiredValue(folder));
        SayWords(console, place, cancellation);
        random.manual_seed(parsed.GetValue(seed));
        var words = WordSets.Cmudict(keepStress: false);
        using var pupil = new Pronouncer(new() { Letters = words.All.Letters, Phones = words.All.Phones }, place);
        var time = TimeSpan.FromMinutes(parsed.GetValue(minutes));
        var options = BatchChoices.Divide(new() { Budget = new(Time: time), LearningRate = 2e-3 }, place.type);
        var lesson = new Lesson { Options = options, Seed = parsed.GetValue(seed) };
        console.PrintLine($"Now a small model learns to pronounce {words.Train.Entries.Count:#,0} English words, {Figures.Clock(time)} minutes.");
        var summary = TrainingDisplay.Show(console, PronounceCommand.Figures, progress => lesson.Teach(pupil, words, progress, cancellation));
        console.PrintLine(PronounceCommand.Figures.Summary(summary));
        if (summary.Steps == 0) return ExitCode.Stopped;
        pupil.Save(model);
        console.PrintLine($"Model: {model}");
        if (summary.Cancelled) return ExitCode.Stopped;
        console.PrintLine($"On words it has never seen: {pupil.Judge(words.Test, cancellation: cancellation)}");
        console.WriteLine();
        MapFile.Write(page, ShowWords(console, pupil, words.Test, cancellation));
        console.PrintLine($"Attention maps: {page}");
        return ExitCode.Success;
    }

    private static void SayWords(IAnsiConsole console, Device place, CancellationToken cancellation)
    {
        console.PrintLine("The model that the program carries says:");
        using var speaker = Pronouncer.Load(null, place);
        foreach (var said in speaker.Pronounce(Greeting, beam: 5, cancellation: cancellation)) console.PrintLine($"  {said.Word}  {string.Join(' ', said.Phones)}");
        console.WriteLine();
    }

    private static List<AttentionMap> ShowWords(IAnsiConsole console, Pronouncer speaker, Lexicon words, CancellationToken cancellation)
    {
        // Long enough to be worth looking at, short enough for a terminal, and from all over the alphabet.
        var fit = words.Entries.Where(entry => entry.Word.Length is >= 7 and <= 12).ToArray();
        var chosen = Enumerable.Range(0, ShownWords).Select(i => fit[((2 * i) + 1) * fit.Length / (2 * ShownWords)]).ToArray();
        var maps = new List<AttentionMap>();
        var spoken = speaker.Pronounce([.. chosen.Select(entry => entry.Word)], needWeights: true, cancellation: cancellation);
        foreach (var (entry, said) in chosen.Zip(spoken))
        {
            maps.Add(SpeechMap.Show(console, said));
            var right = entry.Pronunciations.Any(phones => phones.SequenceEqual(said.Phones));
            console.PrintLine(right ? "right" : $"the dictionary has {string.Join(", or ", entry.Pronunciations.Select(phones => string.Join(' ', phones)))}");
            console.WriteLine();
        }

        return maps;
    }

    private static (string Model, string Page) MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (FileErrors.IsOne(error) || error is ArgumentException)
        {
            throw new UserException($"Can't make the folder {folder}: {FileErrors.Reason(error)}.", error);
        }

        var full = Path.GetFullPath(folder);
        var (model, page) = (Path.Combine(full, "model.safetensors"), Path.Combine(full, "attention.html"));
        OutputFile.Check(model);
        OutputFile.Check(page);
        return (model, page);
    }
}
