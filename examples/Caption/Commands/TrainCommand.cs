using System.CommandLine;
using Caption.Digits;
using Caption.Writing;
using ContextAware.Models.Training;
using Examples.Common;
using Spectre.Console;
using static TorchSharp.torch;

namespace Caption.Commands;

/// <summary><c>train</c>: learns to write captions and keeps everything of the run in a folder.</summary>
internal sealed class TrainCommand
{
    private const int WatchedPictures = 500;
    private static readonly Figures Figures = new("pictures", "wrong captions");

    private readonly TrainerChoices choices = new(defaultEpochs: 20, defaultRate: 2e-3);
    private readonly Option<int> pictures = CommonOptions.Count("--pictures", "How many pictures an epoch has, new ones each time.", 5000, most: 1_000_000);
    private readonly Option<int> batch = CommonOptions.Count("--batch", "How many pictures a batch has.", 64, most: CommonOptions.MostInBatch);
    private readonly Option<int> hidden = CommonOptions.Count("--hidden", "The width of the LSTM's state.", new CaptionerSettings().Hidden, most: CommonOptions.WidestNetwork);
    private readonly Option<double> lambda = CommonOptions.Number("--lambda", "The weight of the penalty for places that are looked at too often or not at all.", 0.0, n => n is >= 0 and < 1e6, "a number, at least 0");
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> folder = CommonOptions.Folder("caption-run");
    private readonly Option<bool> resume = CommonOptions.Resume();

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        var command = new Command("train", "Learn to name digits from left to right. Ctrl-C stops; --resume goes on.")
        {
            self.pictures, self.batch, self.hidden, self.lambda, self.seed, self.folder, self.resume,
        };
        self.choices.AddTo(command);
        return command.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult given, IAnsiConsole console, CancellationToken cancellation) =>
        RunFolder.Begin(given, folder, resume, Figures, (parsed, run, isNew) => Train(parsed, run, isNew, console, cancellation));

    private int Train(ParseResult parsed, RunFolder run, bool isNew, IAnsiConsole console, CancellationToken cancellation)
    {
        var start = parsed.GetValue(seed);
        random.manual_seed(start);
        using var captioner = new Captioner(new() { Hidden = parsed.GetValue(hidden) });
        var options = choices.Read(parsed, run.Checkpoints(resume: !isNew)) with { KeepBest = true };
        var (train, dev, _) = DigitSet.Load();
        var watched = Scene.DrawMany(dev, WatchedPictures, start);
        var parameters = captioner.Model.parameters().Sum(parameter => parameter.numel());
        var data = new SceneBatches(train, captioner.Words, parsed.GetValue(pictures), parsed.GetValue(batch), start);
        var trainer = new Trainer<SceneBatch>(captioner.Model, data, scenes => captioner.Loss(scenes, parsed.GetValue(lambda)), options)
        {
            Validate = () => 1 - captioner.Judge(watched).Exact,
        };
        if (isNew) run.Record(parsed, new { Seed = start, captioner.Settings, Parameters = parameters });
        console.PrintLine($"{train.Count:#,0} digits to learn, {dev.Count:#,0} to watch; {parameters:#,0} parameters");
        return run.Train(trainer, () => captioner.Save(run.Model), console, cancellation);
    }
}
