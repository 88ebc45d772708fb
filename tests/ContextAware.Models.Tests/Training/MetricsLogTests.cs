using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using static ContextAware.Models.Tests.Training.ToyTraining;

namespace ContextAware.Models.Tests.Training;

public sealed class MetricsLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("metrics").FullName;

    private string FilePath => Path.Combine(folder, "metrics.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_a_killed_process_left_half_written_goes()
    {
        var leftover = Path.Combine(folder, ".metrics.jsonl.abc.tmp");
        File.WriteAllText(leftover, "{");
        using var log = new MetricsLog(FilePath);
        Assert.True(File.Exists(leftover));
        log.Report(new TrainingStarted(0, 0, TimeSpan.Zero, null));
        Assert.Equal([FilePath], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_training_is_told_in_lines()
    {
        using var model = Models.Small(Symbols);
        var events = new EventList();
        using (var log = new MetricsLog(FilePath, stepInterval: 2))
        {
            var figure = 0.5;
            Make(model, Task("copy", 60, seed: 1), new() { Budget = new(Epochs: 2) }, validate: () => figure /= 2)
                .Run(new ProgressList(events, log), TestContext.Current.CancellationToken);
        }

        var lines = MetricsLog.Read(FilePath);
        Assert.Equal(
            ["start 0 0", "step 2 0", "epoch 3 0", "step 4 1", "step 6 1", "epoch 6 1"],
            lines.Select(line => $"{line.Event} {line.Step} {line.Epoch}"));
        var steps = events.OfType<StepTaken>().ToList();
        Assert.Equal((steps[2].Loss + steps[3].Loss) / 2, lines[3].Loss!.Value, 1e-12);
        Assert.Equal((steps[3].LearningRate, steps[3].GradientNorm, 80L), (lines[3].LearningRate, lines[3].GradientNorm, lines[3].Examples));
        Assert.Equal([0.25, 0.125], lines.Where(line => line.Event == "epoch").Select(line => line.Validation!.Value));
        Assert.StartsWith("{\"event\":\"start\",\"step\":0,\"epoch\":0,\"seconds\":", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Taking_a_run_up_cuts_off_what_comes_again()
    {
        using (var log = new MetricsLog(FilePath, stepInterval: 1))
        {
            log.Report(new TrainingStarted(0, 0, TimeSpan.Zero, null));
            foreach (var step in Enumerable.Range(1, 4)) log.Report(Step(step));
            log.Report(new EpochEnded(4, 0, TimeSpan.FromSeconds(4), 1, 0.5, true));
            log.Report(Step(5));
        }

        File.AppendAllText(FilePath, "{\"event\":\"st");
        using (var log = new MetricsLog(FilePath, stepInterval: 1))
        {
            // A checkpoint of step 4, before the epoch was judged.
            log.Report(new TrainingStarted(4, 0, TimeSpan.FromSeconds(4), "file"));
            log.Report(new EpochEnded(4, 0, TimeSpan.FromSeconds(4), 1, 0.5, true));
            log.Report(Step(5));
        }

        Assert.Equal(
            ["start 0", "step 1", "step 2", "step 3", "step 4", "start 4", "epoch 4", "step 5"],
            MetricsLog.Read(FilePath).Select(line => $"{line.Event} {line.Step}"));
    }

    [Fact]
    public void A_run_that_died_and_was_taken_up_tells_what_one_that_did_not_tells()
    {
        using var whole = Forgetful(seed: 1);
        Train(whole, "whole", dieAfter: null);
        using var first = Forgetful(seed: 1);
        Assert.Throws<OperationCanceledException>(() => Train(first, "killed", dieAfter: 5));
        using var second = Forgetful(seed: 2);
        Train(second, "killed", dieAfter: null);
        Assert.Equal(Figures("whole"), Figures("killed"));

        void Train(RecurrentSeq2Seq model, string run, int? dieAfter)
        {
            var checkpoints = new CheckpointOptions(Path.Combine(folder, run)) { EverySteps = 2, Resume = true };
            using var log = new MetricsLog(Path.Combine(folder, $"{run}.jsonl"), stepInterval: 3);
            var death = new EventList(value =>
            {
                if (value is StepTaken taken && taken.Step == dieAfter) throw new OperationCanceledException();
            });
            Make(model, Task("copy", 80, seed: 1), new() { Budget = new(Epochs: 2), Checkpoints = checkpoints }).Run(new ProgressList(log, death), TestContext.Current.CancellationToken);
        }

        IEnumerable<(string, long, double?)> Figures(string run) =>
            MetricsLog.Read(Path.Combine(folder, $"{run}.jsonl")).Where(line => line.Event != "start").Select(line => (line.Event, line.Step, line.Loss));
    }

    [Fact]
    public void A_new_run_replaces_the_lines_of_another()
    {
        File.WriteAllText(FilePath, "old\n");
        using var log = new MetricsLog(FilePath);
        log.Report(new TrainingStarted(0, 0, TimeSpan.Zero, null));
        Assert.Equal("start", Assert.Single(MetricsLog.Read(FilePath)).Event);
    }

    [Theory]
    [InlineData("{\"event\":\"step\",\"step\":1,\"epoch\":0,\"seconds\":1}\nnonsense\n", "line 2")]
    [InlineData("{}\n", "line 1")]
    public void A_line_that_is_none_is_named(string text, string named)
    {
        File.WriteAllText(FilePath, text);
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => MetricsLog.Read(FilePath)).Message);
    }

    private static StepTaken Step(int step) => new(step, step <= 4 ? 0 : 1, TimeSpan.FromSeconds(step), step / 8.0, 1, 0.1, null, step);
}
