using System.CommandLine;
using Caption.Digits;
using Caption.Writing;
using ContextAware.Models.Training;
using Pictures;
using Spectre.Console;
using static TorchSharp.torch;

namespace Caption.Commands;

/// <summary><c>train</c>: learns to write captions.</summary>
internal sealed class TrainCommand
{
    private const int WatchedPictures = 500;

    private readonly Option<int> epochs = Options.Count("--epochs", "How often to go through as many pictures.", 20);
    private readonly Option<int> pictures = Options.Count("--pictures", "How many pictures an epoch has, new ones each time.", 5000);
    private readonly Option<int> batch = Options.Count("--batch", "How many pictures a batch has.", 64);
    private readonly Option<int> hidden = Options.Count("--hidden", "The width of the LSTM's state.", new CaptionerSettings().Hidden);
    private readonly Option<double> rate = Options.Number("--rate", "The highest learning rate.", 2e-3, n => n is > 0 and < 1e6, "a number above 0");
    private readonly Option<double> lambda = Options.Number("--lambda", "The weight of the penalty for places that are looked at too often or not at all.", 0.0, n => n is >= 0 and < 1e6, "a number, at least 0");
    private readonly Option<long> seed = Options.Seed();
    private readonly Option<string> save = Options.File("--save", "Where to keep the model, after each epoch and at the end.", "caption.safetensors");
    private readonly Option<string?> load = Options.OptionalFile("--load", "A model to go on from.");

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        return new Command("train", "Learn to name digits from left to right. Ctrl-C stops and keeps what was learned.")
        {
            self.epochs, self.pictures, self.batch, self.hidden, self.rate, self.lambda, self.seed, self.save, self.load,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(save);
        Files.CheckWritable(path);
        var start = parsed.GetValue(seed);
        random.manual_seed(start);
        using var captioner = parsed.GetValue(load) is { } old ? Captioner.Load(old) : new(new() { Hidden = parsed.GetValue(hidden) });
        var (train, dev, _) = DigitSet.Load();
        var watched = Scene.DrawMany(dev, WatchedPictures, start);
        console.WriteLine($"{train.Count:#,0} digits to learn, {dev.Count:#,0} to watch; {captioner.Model.parameters().Sum(parameter => parameter.numel()):#,0} parameters");
        return new Teaching
        {
            Options = new() { Budget = new(Epochs: parsed.GetValue(epochs)), LearningRate = parsed.GetValue(rate) },
            What = "pictures",
            Judged = "wrong captions",
            Judge = () => 1 - captioner.Judge(watched).Exact,
            Keep = () => captioner.Save(path),
        }.Run(
            captioner.Model,
            new SceneBatches(train, captioner.Words, parsed.GetValue(pictures), parsed.GetValue(batch), start),
            scenes => captioner.Loss(scenes, parsed.GetValue(lambda)),
            console,
            cancellation);
    }
}
