using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using static ContextAware.Models.Tests.Training.ToyTraining;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public class TrainerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("copy", CellKind.Gru)]
    [InlineData("reverse", CellKind.Gru)]
    [InlineData("reverse", CellKind.Lstm)]
    public void A_toy_task_is_learned(string task, CellKind kind)
    {
        random.manual_seed(1);
        using var model = Models.Small(Symbols, width: 48, kind);
        var trainer = Make(model, Task(task, 1500, seed: 1), new() { Budget = new(Epochs: 5), LearningRate = 1e-2 }, batchSize: 25);
        trainer.Run(null, Cancellation);
        var unseen = Task(task, 100, seed: 2);
        var written = new GreedyDecoder(model, 12).Decode([.. unseen.Select(pair => pair.Source)]);
        Assert.InRange(written.Zip(unseen).Count(pair => pair.First.Tokens.SequenceEqual(pair.Second.Target)), 95, 100);
    }

    [Fact]
    public void The_same_seeds_give_the_same_weights()
    {
        using var scope = NewDisposeScope();
        using var first = Train();
        using var second = Train();
        var weights = second.state_dict();
        foreach (var (name, value) in first.state_dict()) TensorAssert.Equal(value, weights[name], name);

        static RecurrentSeq2Seq Train()
        {
            random.manual_seed(4);
            var model = Models.Small(Symbols);
            Make(model, Task("copy", 60, seed: 1), new() { Budget = new(Epochs: 2) }).Run(null, Cancellation);
            return model;
        }
    }

    [Fact]
    public void Every_step_and_every_epoch_is_reported()
    {
        using var model = Models.Small(Symbols);
        var events = new EventList();
        var figure = 10.0;
        var trainer = Make(model, Task("copy", 50, seed: 1), new() { Budget = new(Epochs: 3), LearningRate = 0.5, Schedule = LearningRateSchedules.Linear(0) }, validate: () => figure++);
        var summary = trainer.Run(events, Cancellation);
        var steps = events.OfType<StepTaken>().ToList();
        Assert.Equal(Enumerable.Range(1, 9).Select(step => (long)step), steps.Select(step => step.Step));
        Assert.Equal(150, steps[^1].Examples);
        Assert.Equal(1, steps[^1].Used, 9);
        Assert.Equal(0.5, steps[0].LearningRate);
        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.True(pair.Second.LearningRate < pair.First.LearningRate));
        Assert.All(steps, step => Assert.True(step.GradientNorm > 0));
        Assert.Equal([(0, 10.0), (1, 11.0), (2, 12.0)], events.OfType<EpochEnded>().Select(epoch => ((int)epoch.Epoch, epoch.Validation!.Value)));
        Assert.Equal((9, 150, false), (summary.Steps, summary.Examples, summary.Cancelled));
        Assert.False(model.training);
    }

    [Fact]
    public void Before_each_step_it_says_how_far_it_has_come()
    {
        using var model = Models.Small(Symbols);
        var events = new EventList();
        var points = new List<TrainingPoint>();
        var trainer = new Trainer<SequenceBatch>(
            model, new BucketedBatches(Task("copy", 50, seed: 1), new() { BatchSize = 20 }), batch => Loss(model, batch), new() { Budget = new(Epochs: 2) })
        {
            BeforeStep = point =>
            {
                Assert.True(model.training);
                Assert.Equal(points.Count, events.OfType<StepTaken>().Count());
                points.Add(point);
            },
        };
        trainer.Run(events, Cancellation);
        Assert.Equal([0, 1, 2, 3, 4, 5], points.Select(point => point.Step));
        Assert.Equal([0, .. events.OfType<StepTaken>().SkipLast(1).Select(step => step.Used)], points.Select(point => point.Used));
    }

    [Fact]
    public void Judging_happens_in_eval_mode_and_learning_goes_on_after_it()
    {
        using var model = Models.Small(Symbols);
        var modes = new List<bool>();
        var judged = 0;
        var trainer = Make(model, Task("copy", 10, seed: 1), new() { Budget = new(Epochs: 2) }, validate: () =>
        {
            Assert.False(model.training);
            return judged++;
        });
        trainer.Run(new EventList(value =>
        {
            if (value is StepTaken) modes.Add(model.training);
            if (value is EpochEnded) Assert.False(model.training);
        }), Cancellation);
        Assert.Equal(2, judged);
        Assert.Equal([true, true], modes);
    }

    [Fact]
    public void Cancelling_stops_after_the_step_at_hand()
    {
        using var model = Models.Small(Symbols);
        using var source = new CancellationTokenSource();
        var events = new EventList(value =>
        {
            if (value is StepTaken { Step: 4 }) source.Cancel();
        });
        var summary = Make(model, Task("copy", 200, seed: 1), new() { Budget = new(Epochs: 100) }).Run(events, source.Token);
        Assert.Equal((4, true), (summary.Steps, summary.Cancelled));
        Assert.False(model.training);
    }

    [Fact]
    public void A_budget_of_time_ends_on_time_and_lets_the_learning_rate_fall()
    {
        using var model = Models.Small(Symbols);
        var events = new EventList();
        var time = TimeSpan.FromSeconds(0.3);
        // So many steps make an epoch that none ends: its end takes time too.
        var trainer = Make(model, Task("copy", 20_000, seed: 1), new() { Budget = new(Time: time), Schedule = LearningRateSchedules.Linear(0) }, batchSize: 1);
        var summary = trainer.Run(events, Cancellation);
        Assert.False(summary.Cancelled);
        Assert.True(summary.Elapsed >= time, $"{summary.Elapsed}");
        var steps = events.OfType<StepTaken>().ToList();
        Assert.All(steps.SkipLast(1), step => Assert.True(step.Used < 1));
        Assert.Equal(1, steps[^1].Used);
        if (steps.Count > 1) Assert.True(steps[^1].LearningRate < steps[0].LearningRate);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_before_the_step()
    {
        using var model = Models.Small(Symbols);
        var pairs = Task("copy", 50, seed: 1);
        var before = model.state_dict()["bridge.hidden.bias"].clone();
        var trainer = new Trainer<SequenceBatch>(model, new BucketedBatches(pairs, new()), batch => Loss(model, batch) * double.NaN, new() { Budget = new(Epochs: 1) });
        var error = Assert.Throws<NonFiniteLossException>(() => trainer.Run(null, Cancellation));
        Assert.Equal("The loss is NaN at step 0 (epoch 1, batch 1). No checkpoint was kept. A smaller learning rate or a tighter gradient clip may help.", error.Message);
        TensorAssert.Equal(before, model.state_dict()["bridge.hidden.bias"]);
        Assert.False(model.training);
    }

    [Fact]
    public void No_examples_are_refused()
    {
        using var model = Models.Small(Symbols);
        Assert.Throws<ArgumentException>("data", () => new Trainer<SequenceBatch>(model, new Nothing(), batch => Loss(model, batch), new() { Budget = new(Epochs: 2) }));
    }

    [Fact]
    public void A_run_that_is_cancelled_in_the_last_step_of_an_epoch_is_not_judged_any_more()
    {
        using var model = Models.Small(Symbols);
        using var source = new CancellationTokenSource();
        var judged = 0;
        var events = new EventList(value =>
        {
            if (value is StepTaken { Step: 3 }) source.Cancel();
        });
        var trainer = Make(model, Task("copy", 50, seed: 1), new() { Budget = new(Epochs: 3) }, validate: () => judged++);
        Assert.Equal(3, trainer.Run(events, source.Token).Steps);
        Assert.Equal(0, judged);
    }

    [Fact]
    public void Clipping_bounds_the_step()
    {
        var (free, clipped) = (Moved(null), Moved(1e-9));
        Assert.True(clipped < free / 2, $"clipped {clipped}, free {free}");

        // Adam's step hardly depends on the size of the gradient, unless that is near its epsilon of 1e-8.
        static double Moved(double? clip)
        {
            using var scope = NewDisposeScope();
            random.manual_seed(2);
            using var model = Models.Small(Symbols);
            var before = model.state_dict()["bridge.hidden.weight"].clone();
            Make(model, Task("copy", 20, seed: 1), new() { Budget = new(Epochs: 1), GradientClip = clip, Schedule = LearningRateSchedules.Constant }).Run(null, Cancellation);
            return (model.state_dict()["bridge.hidden.weight"] - before).norm().item<float>();
        }
    }

    [Fact]
    public void A_thousand_steps_leave_no_tensors_behind()
    {
        using var model = Models.Small(Symbols);
        var pairs = Task("copy", 100, seed: 1);
        Run();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Run()
        {
            model.zero_grad();
            var summary = Make(model, pairs, new() { Budget = new(Epochs: 50) }, batchSize: 10).Run(null, Cancellation);
            Assert.Equal(500, summary.Steps);
            model.zero_grad();
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        using var model = Models.Small(Symbols);
        var pairs = Task("copy", 5, seed: 1);
        Assert.Throws<ArgumentException>(() => Make(model, pairs, new() { Budget = new() }));
        Assert.Throws<ArgumentException>(() => Make(model, pairs, new() { Budget = new(Epochs: 0) }));
        Assert.Throws<ArgumentException>(() => Make(model, pairs, new() { Budget = new(Time: TimeSpan.Zero) }));
        var budget = new TrainerOptions { Budget = new(1) };
        TrainerOptions[] outOfRange =
        [
            budget with { LearningRate = 0 }, budget with { Beta1 = 1 }, budget with { Beta2 = -0.1 }, budget with { WeightDecay = -1 },
            budget with { GradientClip = 0 }, budget with { Accumulation = 0 }, budget with { AverageDecay = 1 }, budget with { Patience = 0 },
            budget with { Plateau = new(1) }, budget with { Plateau = new(Patience: 0) },
        ];
        Assert.All(outOfRange, options => Assert.Throws<ArgumentOutOfRangeException>(() => Make(model, pairs, options)));
        Assert.Throws<ArgumentException>(() => Make(model, pairs, budget with { Checkpoints = new("") }));
        Assert.Throws<ArgumentException>(() => Make(model, pairs, budget with { Checkpoints = new("x") { EverySteps = 0 } }));
        Assert.Throws<ArgumentException>(() => Make(model, pairs, budget with { Checkpoints = new("x") { Every = TimeSpan.Zero } }));
        Assert.Throws<InvalidOperationException>(() => Make(model, pairs, budget with { Patience = 1 }).Run(null, Cancellation));
    }

    [Fact]
    public void Batches_are_freed_where_the_data_fails_in_the_middle_of_a_step()
    {
        using var model = Models.Small(Symbols);
        var trainer = new Trainer<SequenceBatch>(model, new Broken(), batch => Loss(model, batch), new() { Budget = new(Epochs: 1), Accumulation = 3 });
        LeakCheck.Tensors(() => Assert.Throws<InvalidDataException>(() => trainer.Run(null, Cancellation)));
    }

    private sealed class Broken : ITrainingData<SequenceBatch>
    {
        public int ExampleCount => 40;

        public IEnumerable<SequenceBatch> Epoch(long epoch)
        {
            foreach (var batch in new BucketedBatches(Task("copy", 40, seed: 1), new() { BatchSize = 8 }).Epoch(epoch).Take(4)) yield return batch;
            throw new InvalidDataException("The fifth batch is broken.");
        }
    }

    private sealed class Nothing : ITrainingData<SequenceBatch>
    {
        public int ExampleCount => 0;

        public IEnumerable<SequenceBatch> Epoch(long epoch) => [];
    }
}
