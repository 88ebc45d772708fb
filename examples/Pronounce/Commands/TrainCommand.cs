using System.CommandLine;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using Pronounce.Display;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;
using static TorchSharp.torch;

namespace Pronounce.Commands;

/// <summary><c>train</c>: learns from words and keeps the model.</summary>
internal sealed class TrainCommand
{
    private const int DefaultEpochs = 10;

    private readonly Option<string?> train = CommonOptions.File("--train", "Words to learn from, a line each: WORD<TAB>P1 P2 ... Without it: CMUdict, 90% to learn, 2% dev, 8% test.");
    private readonly Option<string?> dev = CommonOptions.File("--dev", "Words to watch progress on. Without it, 2% of the words are held out.");
    private readonly Option<string?> test = CommonOptions.File("--test", "Words that must not be learned.");
    private readonly Option<bool> stress = new("--stress") { Description = "Keep the stress of vowels: AH0, AH1, AH2 instead of AH." };
    private readonly Option<int?> epochs = CommonOptions.Optional<int>("--epochs", $"How often to go through the words. Without it: {DefaultEpochs}, or as often as --minutes allows.", n => n >= 1, "a whole number, at least 1");
    private readonly Option<double?> minutes = CommonOptions.Optional<double>("--minutes", "How long to train at most. The learning rate falls to 0 by then.", n => n is > 0 and < 1e6, "a number above 0");
    private readonly Option<int> hidden = CommonOptions.Count("--hidden", "The width of the network.", 256, least: 2);
    private readonly Option<int> embedding = CommonOptions.Count("--embedding", "The width of a letter's and of a phone's vector.", 64);
    private readonly Option<int> layers = CommonOptions.Count("--layers", "How many layers the encoder has.", 1);
    private readonly Option<string> cell = CommonOptions.Choice("--cell", "The kind of recurrent cell.", "gru", "lstm");
    private readonly Option<double> dropout = CommonOptions.Number("--dropout", "The part to leave out at random while learning.", 0.0, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");
    private readonly Option<int> batch = CommonOptions.Count("--batch", "The most words in a batch.", 128);
    private readonly Option<double> rate = CommonOptions.Number("--rate", "The highest learning rate.", 2e-3, n => n is > 0 and < 1e6, "a number above 0");
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> device = CommonOptions.Device();
    private readonly Option<string> save = new("--save") { Description = "Where to keep the model.", DefaultValueFactory = _ => CommonOptions.DefaultModel, HelpName = "FILE" };
    private readonly Option<string?> load = CommonOptions.File("--load", "A model to go on from.");

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        var command = new Command("train", "Learn to pronounce words. Ctrl-C stops and keeps what was learned.")
        {
            self.train, self.dev, self.test, self.stress, self.epochs, self.minutes, self.hidden, self.embedding, self.layers,
            self.cell, self.dropout, self.batch, self.rate, self.seed, self.device, self.save, self.load,
        };
        // Off this thread, so that Ctrl-C is heard.
        command.SetAction((parsed, cancellation) => Task.Run(() => self.Run(parsed, console, cancellation), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(save);
        OutputFile.Check(path);
        random.manual_seed(parsed.GetValue(seed));
        using var pupil = MakePupil(parsed, out var words);
        console.WriteLine(Describe(pupil, words));
        var lesson = new Lesson
        {
            Budget = Budget(parsed),
            BatchSize = parsed.GetValue(batch),
            LearningRate = parsed.GetValue(rate),
            Seed = parsed.GetValue(seed),
        };
        var summary = TrainingDisplay.Show(console, progress => lesson.Teach(pupil, words, new SavingProgress(progress, pupil, path), cancellation));
        console.WriteLine(Figures.Summary(summary));
        if (summary.Steps == 0) return ExitCode.Stopped;
        pupil.Save(path);
        console.WriteLine($"Saved {path}");
        return summary.Cancelled ? ExitCode.Stopped : ExitCode.Success;
    }

    private TrainingBudget Budget(ParseResult parsed)
    {
        TimeSpan? time = parsed.GetValue(minutes) is { } limit ? TimeSpan.FromMinutes(limit) : null;
        return new(parsed.GetValue(epochs) ?? (time is null ? DefaultEpochs : null), time);
    }

    private Pronouncer MakePupil(ParseResult parsed, out WordSets words)
    {
        var place = CommonOptions.Open(parsed.GetRequiredValue(device));
        var old = parsed.GetValue(load) is { } path ? Pronouncer.Load(path, place) : null;
        var keepStress = old?.Settings.Stress ?? parsed.GetValue(stress);
        words = WordSets.Load(parsed.GetValue(train), parsed.GetValue(dev), parsed.GetValue(test), keepStress);
        if (old is null) return new(Settings(parsed, words, keepStress), place);
        RefuseOtherShape(parsed, old.Settings);
        return old;
    }

    private PronouncerSettings Settings(ParseResult parsed, WordSets words, bool keepStress)
    {
        var all = words.All;
        return new()
        {
            Letters = all.Letters,
            Phones = all.Phones,
            Stress = keepStress,
            Cell = Enum.Parse<CellKind>(parsed.GetRequiredValue(cell), ignoreCase: true),
            Hidden = parsed.GetValue(hidden),
            Embedding = parsed.GetValue(embedding),
            Layers = parsed.GetValue(layers),
            Dropout = parsed.GetValue(dropout),
        };
    }

    private void RefuseOtherShape(ParseResult parsed, PronouncerSettings loaded)
    {
        Refuse(hidden, loaded.Hidden);
        Refuse(embedding, loaded.Embedding);
        Refuse(layers, loaded.Layers);
        Refuse(cell, loaded.Cell == CellKind.Gru ? "gru" : "lstm");
        Refuse(dropout, loaded.Dropout);
        Refuse(stress, loaded.Stress);

        void Refuse<T>(Option<T> option, T has)
        {
            if (parsed.IsGiven(option) && !Equals(parsed.GetValue(option), has))
                throw new UserException($"The loaded model has {option.Name} {has}, not {parsed.GetValue(option)}; leave {option.Name} out.");
        }
    }

    private static string Describe(Pronouncer pupil, WordSets words) =>
        $"{words.Train.Entries.Count:#,0} words to learn ({words.Train.PronunciationCount:#,0} pronunciations), " +
        $"{words.Dev.Entries.Count:#,0} dev, {words.Test.Entries.Count:#,0} test; " +
        $"{pupil.Settings.Cell} {pupil.Settings.Hidden}, {pupil.Model.parameters().Sum(parameter => parameter.numel()):#,0} parameters, {pupil.Device.type}";
}
