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
    private readonly NetworkChoices network = new(new() { Cell = CellKind.Lstm, Hidden = 128, Embedding = 32 });
    private readonly TrainerChoices choices = new(defaultEpochs: 20, defaultRate: 3e-3);
    private readonly BatchChoices batches = new("commands", 64);
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<string> device = CommonOptions.Device();
    private readonly Option<string> folder = CommonOptions.Folder(ScanCommand.DefaultFolder);
    private readonly Option<bool> resume = CommonOptions.Resume();

    public static Command Create(IAnsiConsole console)
    {
        var self = new TrainCommand();
        var command = new Command("train", "Learn to carry out commands. Ctrl-C stops; --resume goes on.")
        {
            self.split, self.data, self.seed, self.device, self.folder, self.resume,
        };
        self.network.AddTo(command);
        self.batches.AddTo(command);
        self.choices.AddTo(command);
        return command.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult given, IAnsiConsole console, CancellationToken cancellation) =>
        RunFolder.Begin(given, folder, resume, ScanCommand.Figures, (parsed, run, isNew) => Train(parsed, run, isNew, console, cancellation));

    private int Train(ParseResult parsed, RunFolder run, bool isNew, IAnsiConsole console, CancellationToken cancellation)
    {
        random.manual_seed(parsed.GetValue(seed));
        using var files = ScanData.Open(parsed.GetValue(data));
        var pairs = ScanSplit.Read(parsed.GetRequiredValue(split), files);
        using var pupil = MakePupil(parsed, pairs);
        var options = batches.Read(parsed, choices.Read(parsed, run.Checkpoints(resume: !isNew)), pupil.Network.Device.type) with { KeepBest = true };
        var commands = new BucketedBatches(pupil.Examples(pairs.Train), new() { BatchSize = batches.Size(parsed), Parts = options.AtOnce, Seed = parsed.GetValue(seed) }, pupil.Network.Device);
        var trainer = new Trainer<SequenceBatch>(pupil.Network.Module, commands, batch => pupil.Network.Loss(batch), options)
        {
            BeforeStep = pupil.Network.NGramsFrom(network.NGramsFrom(parsed)),
            Validate = () => 1 - pupil.ExactMatch(pairs.Dev),
        };
        if (isNew) run.Record(parsed, new { Seed = parsed.GetValue(seed), pupil.Settings, Parameters = pupil.Network.ParameterCount });
        console.PrintLine($"{pairs.Train.Count:#,0} commands to learn, {pairs.Dev.Count:#,0} dev, {pairs.Test.Count:#,0} test; {pupil.Network.Settings}, {pupil.Network.ParameterCount:#,0} parameters");
        return run.Train(trainer, () => pupil.Save(run.Model), console, cancellation);
    }

    private Translator MakePupil(ParseResult parsed, ScanSplit pairs) => new(
        new(network.Read(parsed))
        {
            Words = [.. pairs.Train.Concat(pairs.Test).SelectMany(pair => pair.Words).Distinct().Order(StringComparer.Ordinal)],
            Actions = [.. pairs.Train.Concat(pairs.Test).SelectMany(pair => pair.Actions).Distinct().Order(StringComparer.Ordinal)],
        },
        CommonOptions.Open(parsed.GetRequiredValue(device)));
}
