using System.CommandLine;
using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using Examples.Common;
using Scan.Language;
using Spectre.Console;
using static TorchSharp.torch;

namespace Scan.Commands;

/// <summary><c>train</c>: learns a division and keeps everything of the run in a folder.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string> split = ScanCommand.Split();
    private readonly Option<string?> data = ScanCommand.Data();
    private readonly TrainerChoices choices = new(defaultEpochs: 20, defaultRate: 3e-3);
    private readonly Option<string> cell = CommonOptions.Choice("--cell", "The kind of recurrent cell.", "lstm", "gru");
    private readonly Option<int> hidden = CommonOptions.Count("--hidden", "The width of the network.", 128, least: 2);
    private readonly Option<int> embedding = CommonOptions.Count("--embedding", "The width of a word's and of an action's vector.", 32);
    private readonly Option<double> dropout = CommonOptions.Number("--dropout", "The part to leave out at random while learning.", 0.0, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");
    private readonly Option<int> batch = CommonOptions.Count("--batch", "The most commands in a batch.", 64);
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> device = CommonOptions.Device();
    private readonly Option<string> folder = CommonOptions.Folder(ScanCommand.DefaultFolder);
    private readonly Option<bool> resume = CommonOptions.Resume();

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        var command = new Command("train", "Learn to carry out commands. Ctrl-C stops; --resume goes on.")
        {
            self.split, self.data, self.cell, self.hidden, self.embedding, self.dropout, self.batch,
            self.seed, self.device, self.folder, self.resume,
        };
        self.choices.AddTo(command);
        return command.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var run = new RunFolder(parsed.GetRequiredValue(folder), ScanCommand.Figures);
        return parsed.GetValue(resume)
            ? Train(run.Recorded(parsed, folder, resume), run, console, isNew: false, cancellation)
            : Train(parsed, run, console, isNew: true, cancellation);
    }

    private int Train(ParseResult parsed, RunFolder run, IAnsiConsole console, bool isNew, CancellationToken cancellation)
    {
        random.manual_seed(parsed.GetValue(seed));
        using var files = ScanData.Open(parsed.GetValue(data));
        var pairs = ScanSplit.Read(parsed.GetRequiredValue(split), files);
        using var pupil = MakePupil(parsed, pairs);
        if (isNew) run.Record(parsed, new { Seed = parsed.GetValue(seed), pupil.Settings, Parameters = pupil.Model.parameters().Sum(parameter => parameter.numel()) });
        console.WriteLine($"{pairs.Train.Count:#,0} commands to learn, {pairs.Dev.Count:#,0} dev, {pairs.Test.Count:#,0} test; {pupil.Settings.Cell} {pupil.Settings.Hidden}");
        var batches = new BucketedBatches(pupil.Examples(pairs.Train), new() { BatchSize = parsed.GetValue(batch), Seed = parsed.GetValue(seed) }, pupil.Device);
        var options = choices.Read(parsed, run.Checkpoints(resume: !isNew)) with { KeepBest = true };
        var trainer = new Trainer<SequenceBatch>(pupil.Model, batches, pupil.Loss, options) { Validate = () => 1 - pupil.ExactMatch(pairs.Dev) };
        return run.Train(trainer, () => pupil.Save(run.Model), console, cancellation);
    }

    private Translator MakePupil(ParseResult parsed, ScanSplit pairs) => new(
        new()
        {
            Words = [.. pairs.Train.Concat(pairs.Test).SelectMany(pair => pair.Words).Distinct().Order(StringComparer.Ordinal)],
            Actions = [.. pairs.Train.Concat(pairs.Test).SelectMany(pair => pair.Actions).Distinct().Order(StringComparer.Ordinal)],
            Cell = Enum.Parse<CellKind>(parsed.GetRequiredValue(cell), ignoreCase: true),
            Hidden = parsed.GetValue(hidden),
            Embedding = parsed.GetValue(embedding),
            Dropout = parsed.GetValue(dropout),
        },
        CommonOptions.Open(parsed.GetRequiredValue(device)));
}
