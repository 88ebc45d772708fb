using ContextAware.Models.Data;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using static ContextAware.Models.Tests.Training.ToyTraining;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public class TrainerOptionsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3, 8)]
    [InlineData(5, 5)]
    public void Accumulated_batches_make_the_step_of_one_big_batch(int accumulation, int batchSize)
    {
        using var scope = NewDisposeScope();
        using var parts = Models.Small(Symbols);
        using var whole = Models.Small(Symbols);
        Copy(parts, whole);
        // Batches of unequal numbers of symbols: their means must be weighed.
        var pairs = Task("copy", accumulation * batchSize, seed: 3);
        var options = new TrainerOptions { Budget = new(Epochs: 1), Schedule = LearningRateSchedules.Constant, GradientClip = 0.5 };
        var (small, big) = (new EventList(), new EventList());
        Make(parts, pairs, options with { Accumulation = accumulation }, batchSize).Run(small, Cancellation);
        Make(whole, pairs, options, pairs.Length).Run(big, Cancellation);
        var (one, other) = (Assert.Single(small.OfType<StepTaken>()), Assert.Single(big.OfType<StepTaken>()));
        Assert.Equal(other.Loss, one.Loss, 1e-5);
        Assert.Equal(other.GradientNorm!.Value, one.GradientNorm!.Value, 1e-5);
        Assert.Equal((other.Step, other.Examples), (one.Step, one.Examples));
        // Adam divides by the gradient's size: where that is near 0, rounding shows more in the weights than in the gradient.
        foreach (var ((name, expected), (_, actual)) in whole.named_parameters().Zip(parts.named_parameters()))
            TensorAssert.Close(expected, actual, 1e-4, 1e-4, name);
    }

    [Fact]
    public void The_average_follows_the_weights_and_is_what_is_judged_and_kept()
    {
        using var scope = NewDisposeScope();
        using var model = Models.Small(Symbols);
        var bias = model.state_dict()["bridge.hidden.bias"];
        var expected = bias.clone();
        var step = 0;
        Tensor? last = null;
        var judged = new List<float>();
        var listener = new EventList(value =>
        {
            if (value is not StepTaken) return;
            step++;
            var decay = Math.Min(0.5, (1.0 + step) / (10 + step));
            expected = (expected * decay) + (bias * (1 - decay));
            last = bias.clone();
        });
        Make(model, Task("copy", 80, seed: 1), new() { Budget = new(Epochs: 2), AverageDecay = 0.5 }, validate: () =>
        {
            TensorAssert.Close(expected, bias, 1e-5, 1e-6);
            judged.Add(bias.sum().item<float>());
            return judged[^1];
        }).Run(listener, Cancellation);
        Assert.Equal(2, judged.Count);
        TensorAssert.Close(expected, bias, 1e-5, 1e-6);
        Assert.False(last!.allclose(bias));
    }

    [Fact]
    public void Training_stops_when_judging_shows_no_gain_and_keeps_the_best_weights()
    {
        using var scope = NewDisposeScope();
        using var model = Models.Small(Symbols);
        var figures = new Queue<double>([3, 2, 2.5, double.NaN, 2, 1]);
        var kept = new List<Tensor>();
        var events = new EventList();
        var trainer = Make(model, Task("copy", 40, seed: 1), new() { Budget = new(Epochs: 50), Patience = 3, KeepBest = true }, validate: () =>
        {
            kept.Add(model.state_dict()["bridge.hidden.bias"].clone());
            return figures.Dequeue();
        });
        var summary = trainer.Run(events, Cancellation);
        Assert.Equal((10, false, true, 2.0), (summary.Steps, summary.Cancelled, summary.StoppedEarly, summary.Best));
        Assert.Equal([true, true, false, false, false], events.OfType<EpochEnded>().Select(epoch => epoch.IsBest));
        TensorAssert.Equal(kept[1], model.state_dict()["bridge.hidden.bias"]);
    }

    [Fact]
    public void A_plateau_cuts_the_learning_rate_after_its_patience()
    {
        using var model = Models.Small(Symbols);
        var figures = new Queue<double>([3, 3, 3, 2, 2, 2, 2]);
        var options = new TrainerOptions { Budget = new(Epochs: 7), LearningRate = 0.01, Schedule = LearningRateSchedules.Constant, Plateau = new(0.1, 2) };
        var events = new EventList();
        Make(model, Task("copy", 20, seed: 1), options, validate: figures.Dequeue).Run(events, Cancellation);
        double[] expected = [0.01, 0.01, 0.01, 0.001, 0.001, 0.001, 0.0001];
        Assert.Equal(expected, events.OfType<StepTaken>().Select(step => step.LearningRate), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void AdamW_decays_weights_apart_from_the_gradient()
    {
        // With no gradient Adam's decay becomes one and moves the weights by about the rate; AdamW's takes a share of them.
        Assert.Equal(0.9 * 3, Moved(OptimizerKind.AdamW), 1e-6);
        Assert.Equal(3 - 0.1, Moved(OptimizerKind.Adam), 1e-4);

        static double Moved(OptimizerKind kind)
        {
            using var scope = NewDisposeScope();
            using var model = nn.Linear(1, 1, hasBias: false);
            using (no_grad()) model.weight.fill_(3);
            var options = new TrainerOptions { Budget = new(Epochs: 1), Optimizer = kind, LearningRate = 0.1, WeightDecay = 1, Schedule = LearningRateSchedules.Constant, GradientClip = null };
            new Trainer<SequenceBatch>(model, new BucketedBatches(Task("copy", 5, 1), new()), _ => (model.weight * 0).sum(), options).Run(null, Cancellation);
            return model.weight.item<float>();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Smoothing_spreads_a_part_of_the_truth_over_all_symbols_and_padding_counts_for_nothing(double smoothing)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var logits = randn(2, 3, 5);
        var target = tensor(new long[,] { { 3, 4, 2 }, { 2, 0, 0 } });
        var log = logits.log_softmax(-1);
        var expected = 0.0;
        foreach (var (row, column, symbol) in new[] { (0, 0, 3), (0, 1, 4), (0, 2, 2), (1, 0, 2) })
        {
            expected -= (1 - smoothing) * log[row, column, symbol].item<float>() / 4;
            for (var any = 0; any < 5; any++) expected -= smoothing / 5 * log[row, column, any].item<float>() / 4;
        }

        Assert.Equal(expected, SequenceLoss.CrossEntropy(logits, target, smoothing).item<float>(), 1e-5);
        Assert.Throws<ArgumentOutOfRangeException>(() => SequenceLoss.CrossEntropy(logits, target, 1));
    }

    [Fact]
    public void Averages_and_checkpoints_leave_no_tensors_behind()
    {
        var folder = Directory.CreateTempSubdirectory("leak").FullName;
        using var model = Models.Small(Symbols);
        Run();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Directory.Delete(folder, recursive: true);

        void Run()
        {
            model.zero_grad();
            var options = new TrainerOptions { Budget = new(Epochs: 3), AverageDecay = 0.9, KeepBest = true, Accumulation = 2, Checkpoints = new(folder) { EverySteps = 3, Resume = true } };
            var figure = 9.0;
            Make(model, Task("copy", 200, seed: 1), options, batchSize: 10, validate: () => figure--).Run(null, Cancellation);
            model.zero_grad();
        }
    }

    private static void Copy(nn.Module from, nn.Module to)
    {
        using var noGradient = no_grad();
        var weights = from.state_dict();
        foreach (var (name, value) in to.state_dict()) value.copy_(weights[name]);
    }
}
