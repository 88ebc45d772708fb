using System.CommandLine;
using Ask.Answering;
using Ask.Questions;
using ContextAware.Models.Training;
using Examples.Common;
using Spectre.Console;
using static TorchSharp.torch;

namespace Ask.Commands;

/// <summary><c>train</c>: learns to answer and keeps everything of the run in a folder.</summary>
internal sealed class TrainCommand
{
    private static readonly Figures Figures = new("pictures", "wrong answers");

    private readonly Option<string?> data = AskCommand.Data();
    private readonly TrainerChoices choices = new(defaultEpochs: 30, defaultRate: 1e-3);
    private readonly Option<int> pictures = CommonOptions.Count("--pictures", "How many pictures of shapes to learn from.", ShapeSet.TrainCount, most: 100_000);
    private readonly Option<int> batch = CommonOptions.Count("--batch", "How many pictures a batch has.", 8, most: CommonOptions.MostInBatch);
    private readonly Option<int> hidden = CommonOptions.Count("--hidden", "The width of the hidden layers.", 128, most: CommonOptions.WidestNetwork);
    private readonly Option<bool> stacked = new("--stacked") { Description = "Maps that follow each other, instead of maps made at once." };
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> folder = CommonOptions.Folder("ask-run");
    private readonly Option<bool> resume = CommonOptions.Resume();

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        var command = new Command("train", "Learn to answer questions. Ctrl-C stops; --resume goes on.")
        {
            self.data, self.pictures, self.batch, self.hidden, self.stacked, self.seed, self.folder, self.resume,
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
        var options = choices.Read(parsed, run.Checkpoints(resume: !isNew)) with { KeepBest = true };
        var (train, watched) = Sets(parsed, start);
        using var asker = new Asker(Settings([train, watched], parsed));
        var parameters = asker.Model.parameters().Sum(parameter => parameter.numel());
        var trainer = new Trainer<QuestionBatch>(asker.Model, new QuestionBatches(train, asker, parsed.GetValue(batch), start), asker.Loss, options)
        {
            Validate = () => WrongShare(asker.Judge(watched)),
        };
        if (isNew) run.Record(parsed, new { Seed = start, asker.Settings, Parameters = parameters });
        console.PrintLine($"{train.Count:#,0} pictures to learn from, {watched.Count:#,0} to watch; {parameters:#,0} parameters");
        return run.Train(trainer, () => asker.Save(run.Model), console, cancellation);
    }

    private static double WrongShare(IReadOnlyList<AnswerScore> scores) =>
        1 - ((double)scores.Sum(score => score.Right) / scores.Sum(score => score.Count));

    private (QuestionSet Train, QuestionSet Watched) Sets(ParseResult parsed, long start)
    {
        var (train, dev, _) = parsed.GetValue(data) is { } path ? EasyVqaSet.Read(path) : ShapeSet.Protocol(start, parsed.GetValue(pictures));
        return (train, dev);
    }

    private AskerSettings Settings(QuestionSet[] sets, ParseResult parsed)
    {
        var questions = sets.SelectMany(set => Enumerable.Range(0, set.Count).SelectMany(set.Questions)).ToArray();
        return new()
        {
            Words = [.. questions.SelectMany(question => question.Words).Distinct().Order(StringComparer.Ordinal)],
            Answers = [.. questions.Select(question => question.Answer).Distinct().Order(StringComparer.Ordinal)],
            Side = sets[0].Side,
            Hidden = parsed.GetValue(hidden),
            Stacked = parsed.GetValue(stacked),
        };
    }
}
