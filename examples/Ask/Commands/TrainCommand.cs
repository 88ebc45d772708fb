using System.CommandLine;
using Ask.Answering;
using Ask.Questions;
using Pictures;
using Spectre.Console;
using static TorchSharp.torch;

namespace Ask.Commands;

/// <summary><c>train</c>: learns to answer.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string?> data = AskCommand.Data();
    private readonly Option<int> pictures = Options.Count("--pictures", "How many pictures of shapes to learn from.", ShapeSet.TrainCount);
    private readonly Option<int> epochs = Options.Count("--epochs", "How often to go through the pictures.", 12);
    private readonly Option<double?> minutes = new("--minutes") { Description = "Stop after so many minutes, if the epochs last longer.", HelpName = "N" };
    private readonly Option<int> batch = Options.Count("--batch", "How many pictures a batch has.", 16);
    private readonly Option<int> hidden = Options.Count("--hidden", "The width of the hidden layers.", 192);
    private readonly Option<bool> stacked = new("--stacked") { Description = "Maps that follow each other, instead of maps made at once." };
    private readonly Option<double> rate = Options.Number("--rate", "The highest learning rate.", 2e-3, n => n is > 0 and < 1e6, "a number above 0");
    private readonly Option<long> seed = Options.Seed();
    private readonly Option<string> save = Options.File("--save", "Where to keep the model, after each epoch and at the end.", "ask.safetensors");
    private readonly Option<string?> load = Options.OptionalFile("--load", "A model to go on from.");

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        return new Command("train", "Learn to answer questions. Ctrl-C stops and keeps what was learned.")
        {
            self.data, self.pictures, self.epochs, self.minutes, self.batch, self.hidden, self.stacked, self.rate, self.seed, self.save, self.load,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(save);
        Files.CheckWritable(path);
        if (parsed.GetValue(minutes) is <= 0 or double.NaN) throw new UserException("--minutes must be a number above 0.");
        var start = parsed.GetValue(seed);
        random.manual_seed(start);
        var (train, watched) = Sets(parsed, start);
        using var asker = parsed.GetValue(load) is { } old ? Asker.Load(old) : new(Settings(train, parsed));
        console.WriteLine($"{train.Count:#,0} pictures to learn from, {watched.Count:#,0} to watch; {asker.Model.parameters().Sum(parameter => parameter.numel()):#,0} parameters");
        TimeSpan? time = parsed.GetValue(minutes) is { } limit ? TimeSpan.FromMinutes(limit) : null;
        return new Teaching
        {
            Options = new() { Budget = new(parsed.GetValue(epochs), time), LearningRate = parsed.GetValue(rate) },
            What = "pictures",
            Judged = "wrong answers",
            Judge = () => WrongShare(asker.Judge(watched)),
            Keep = () => asker.Save(path),
        }.Run(asker.Model, new QuestionBatches(train, asker, parsed.GetValue(batch), start), asker.Loss, console, cancellation);
    }

    private static double WrongShare(IReadOnlyList<AnswerScore> scores) =>
        1 - ((double)scores.Sum(score => score.Right) / scores.Sum(score => score.Count));

    private (QuestionSet Train, QuestionSet Watched) Sets(ParseResult parsed, long start)
    {
        if (parsed.GetValue(data) is { } folder) return EasyVqaSet.Read(folder);
        var (train, dev, _) = ShapeSet.Protocol(start, parsed.GetValue(pictures));
        return (train, dev);
    }

    private AskerSettings Settings(QuestionSet set, ParseResult parsed)
    {
        var questions = Enumerable.Range(0, set.Count).SelectMany(set.Questions).ToArray();
        return new()
        {
            Words = [.. questions.SelectMany(question => question.Words).Distinct().Order(StringComparer.Ordinal)],
            Answers = [.. questions.Select(question => question.Answer).Distinct().Order(StringComparer.Ordinal)],
            Side = set.Side,
            Hidden = parsed.GetValue(hidden),
            Stacked = parsed.GetValue(stacked),
        };
    }
}
