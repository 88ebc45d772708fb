using System.CommandLine;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using Examples.Common;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;
using static TorchSharp.torch;

namespace Pronounce.Commands;

/// <summary><c>train</c>: learns from words and keeps the model.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string?> train = CommonOptions.File("--train", "Words to learn from, a line each: WORD<TAB>P1 P2 ... Without it: CMUdict, 90% to learn, 2% dev, 8% test.");
    private readonly Option<string?> dev = CommonOptions.File("--dev", "Words to watch progress on. Without it, 2% of the words are held out.");
    private readonly Option<string?> test = CommonOptions.File("--test", "Words that must not be learned.");
    private readonly Option<bool> stress = new("--stress") { Description = "Keep the stress of vowels: AH0, AH1, AH2 instead of AH." };
    private readonly NetworkChoices network = new(new());
    private readonly Option<double> smoothing = CommonOptions.Number("--smoothing", "The part of the truth that is spread over all phones.", 0.0, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");
    private readonly BatchChoices batches = new("words", 128);
    private readonly TrainerChoices choices = new(defaultEpochs: 10, defaultRate: 2e-3);
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> device = CommonOptions.Device();
    private readonly Option<string?> save = CommonOptions.File("--save", "Where to keep the model. Without it: model.safetensors in the folder, else pronounce.safetensors.");
    private readonly Option<string?> load = CommonOptions.File("--load", "A model to go on from.");
    private readonly Option<string?> folder = CommonOptions.OptionalFolder("--folder", "Keep the whole run here: its state, figures, curves and model, so that it can be taken up.");
    private readonly Option<int?> every = CommonOptions.OptionalCount("--checkpoint-steps", "Keep the state after so many steps too; after each epoch and every 5 minutes it is kept anyway.");
    private readonly Option<bool> resume = CommonOptions.Resume();

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        var command = new Command("train", "Learn to pronounce words. Ctrl-C stops and keeps what was learned.")
        {
            self.train, self.dev, self.test, self.stress, self.smoothing, self.seed, self.device, self.save, self.load, self.folder, self.every, self.resume,
        };
        self.batches.AddTo(command);
        self.network.AddTo(command);
        self.choices.AddTo(command);
        return command.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var run = parsed.GetValue(folder) is { } path ? new RunFolder(path, PronounceCommand.Figures) : null;
        if (!parsed.GetValue(resume)) return Train(parsed, run, console, isNew: true, cancellation);
        if (run is null) throw new UserException("--resume needs --folder: the folder of the training to take up.");
        return Train(run.Recorded(parsed, folder, resume), run, console, isNew: false, cancellation);
    }

    private int Train(ParseResult parsed, RunFolder? run, IAnsiConsole console, bool isNew, CancellationToken cancellation)
    {
        var path = parsed.GetValue(save) ?? run?.Model ?? "pronounce.safetensors";
        if (parsed.GetValue(save) is not null || run is null) OutputFile.Check(path);
        if (run is null && parsed.GetValue(every) is not null) throw new UserException("--checkpoint-steps needs --folder: the folder to keep the state in.");
        random.manual_seed(parsed.GetValue(seed));
        using var pupil = MakePupil(parsed, out var words);
        var parameters = pupil.Network.ParameterCount;
        var options = choices.Read(parsed, run?.Checkpoints(resume: !isNew, parsed.GetValue(every)));
        var lesson = new Lesson
        {
            Options = batches.Read(parsed, options, pupil.Network.Device.type),
            BatchSize = batches.Size(parsed),
            Smoothing = parsed.GetValue(smoothing),
            NGramsFrom = network.NGramsFrom(parsed),
            Seed = parsed.GetValue(seed),
        };
        var trainer = lesson.Prepare(pupil, words);
        if (isNew) run?.Record(parsed, new { Seed = parsed.GetValue(seed), pupil.Settings, Parameters = parameters, Words = Describe(words), Threads = get_num_threads() });
        console.PrintLine($"{Describe(words)}; {pupil.Network.Settings}, {parameters:#,0} parameters, {pupil.Network.Device.type}");
        void Save() => pupil.Save(path);
        var summary = run is null
            ? TrainingDisplay.Show(console, PronounceCommand.Figures, shown => trainer.Run(new ProgressList(new SavingProgress(Save), shown), cancellation))
            : run.Show(console, trainer.Run, Save, cancellation);
        return TrainingDisplay.End(console, PronounceCommand.Figures, summary, Save, path);
    }

    private Pronouncer MakePupil(ParseResult parsed, out WordSets words)
    {
        var place = CommonOptions.Open(parsed.GetRequiredValue(device));
        var old = parsed.GetValue(load) is { } path ? Pronouncer.Load(path, place, settings => network.Redropped(parsed, settings)) : null;
        var keepStress = old?.Settings.Stress ?? parsed.GetValue(stress);
        words = WordSets.Load(parsed.GetValue(train), parsed.GetValue(dev), parsed.GetValue(test), keepStress);
        if (old is null) return new(Settings(parsed, words, keepStress), place);
        network.RefuseOther(parsed, old.Settings);
        if (parsed.IsGiven(stress) && !old.Settings.Stress) throw new UserException("The loaded model knows no stress; leave --stress out.");
        var settings = network.WithNGrams(parsed, old.Settings);
        if (ReferenceEquals(settings, old.Settings)) return old;
        using (old) return old.WithNGrams(settings);
    }

    private PronouncerSettings Settings(ParseResult parsed, WordSets words, bool keepStress)
    {
        var all = words.All;
        return new(network.Read(parsed)) { Letters = all.Letters, Phones = all.Phones, Stress = keepStress };
    }

    private static string Describe(WordSets words) =>
        $"{words.Train.Entries.Count:#,0} words to learn ({words.Train.PronunciationCount:#,0} pronunciations), " +
        $"{words.Dev.Entries.Count:#,0} dev, {words.Test.Entries.Count:#,0} test";
}
