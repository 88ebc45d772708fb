using ContextAware.Interop;
using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using static ContextAware.Models.Tests.Training.ToyTraining;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public sealed class TrainingResumeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("resume").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string StateFile => Path.Combine(folder, CheckpointOptions.FileName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(OptimizerKind.Adam, 1, null)]
    [InlineData(OptimizerKind.AdamW, 2, 0.9)]
    [InlineData(OptimizerKind.Adam, 2, 0.9, 2)]
    public void A_run_that_died_after_any_step_gives_the_weights_of_one_that_did_not(OptimizerKind kind, int accumulation, double? average, int atOnce = 1)
    {
        using var whole = Forgetful(seed: 1);
        var options = Options(kind, accumulation, average, atOnce) with { Checkpoints = null };
        var summary = Train(whole, options);
        for (var step = 1; step <= summary.Steps; step++)
        {
            using var first = Forgetful(seed: 1);
            Assert.Throws<Died>(() => Train(first, Options(kind, accumulation, average, atOnce), dieAfter: step));
            // Before the first checkpoint there is nothing but the seed to begin from again.
            using var second = Forgetful(seed: File.Exists(StateFile) ? 77 : 1);
            var events = new EventList();
            var resumed = Train(second, Options(kind, accumulation, average, atOnce), resume: true, events: events);
            AssertSameWeights(whole, second);
            Assert.Equal((summary.Steps, summary.Examples, summary.Best), (resumed.Steps, resumed.Examples, resumed.Best));
            Assert.InRange(Assert.IsType<TrainingStarted>(events[0]).Step, step - 2, step);
            File.Delete(StateFile);
        }
    }

    [Fact]
    public void A_cancelled_run_keeps_its_state_and_a_finished_one_has_nothing_left_to_do()
    {
        using var whole = Forgetful(seed: 1);
        Train(whole, Options() with { Checkpoints = null });
        using var model = Forgetful(seed: 1);
        using var source = new CancellationTokenSource();
        var events = new EventList(value =>
        {
            if (value is StepTaken { Step: 3 }) source.Cancel();
        });
        Assert.True(Train(model, Options(), events: events, cancellation: source.Token).Cancelled);
        Assert.Equal(3, Assert.IsType<CheckpointSaved>(events[^1]).Step);
        Assert.Equal(9, Train(model, Options(), resume: true).Steps);
        AssertSameWeights(whole, model);
        var again = new EventList();
        Assert.Equal(9, Train(model, Options(), resume: true, events: again).Steps);
        Assert.Equal(StateFile, Assert.IsType<TrainingStarted>(Assert.Single(again)).Checkpoint);
        AssertSameWeights(whole, model);
    }

    [Fact]
    public void A_run_cancelled_in_the_last_step_of_an_epoch_is_told_how_far_it_has_come_before_that_epoch_is_judged()
    {
        using var model = Forgetful(seed: 1);
        using var source = new CancellationTokenSource();
        var events = new EventList(value =>
        {
            if (value is StepTaken { Step: 3 }) source.Cancel();
        });
        Assert.True(Train(model, Options(), events: events, cancellation: source.Token).Cancelled);
        Assert.DoesNotContain(events, value => value is EpochEnded);
        var calls = new List<string>();
        var options = Options() with { Plateau = new(), KeepBest = true, Checkpoints = new(folder) { EverySteps = 2, Resume = true } };
        var trainer = new Trainer<SequenceBatch>(model, new BucketedBatches(Pairs, new() { BatchSize = 20 }), batch => Loss(model, batch), options)
        {
            BeforeStep = point => calls.Add($"step {point.Step}"),
            Validate = () =>
            {
                calls.Add("judged");
                return 1;
            },
        };
        trainer.Run(null, Cancellation);
        Assert.Equal(["step 3", "judged"], calls.Take(2));
    }

    [Theory]
    [InlineData(1L, new long[] { 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9 })]
    [InlineData(TimeSpan.TicksPerDay, new long[] { 3, 6, 9 })]
    public void The_state_is_kept_whenever_so_much_time_has_gone_and_after_each_epoch(long ticks, long[] steps)
    {
        using var model = Forgetful(seed: 1);
        var events = new EventList();
        Train(model, Options() with { Checkpoints = new(folder) { Every = TimeSpan.FromTicks(ticks) } }, events: events);
        Assert.Equal(steps, events.OfType<CheckpointSaved>().Select(saved => saved.Step));
    }

    [Fact]
    public void Time_that_is_used_up_stays_so_when_the_run_is_taken_up()
    {
        var time = TimeSpan.FromSeconds(0.2);
        var options = Options() with { Budget = new(Time: time) };
        using var model = Forgetful(seed: 1);
        var steps = Train(model, options).Steps;
        using var other = Forgetful(seed: 2);
        var events = new EventList();
        var summary = Train(other, options, resume: true, events: events);
        Assert.Equal((steps, false), (summary.Steps, summary.Cancelled));
        var started = Assert.IsType<TrainingStarted>(Assert.Single(events));
        Assert.True(started.Elapsed >= time, $"{started.Elapsed}");
        AssertSameWeights(model, other);
    }

    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    public void A_figure_that_is_no_finite_number_is_kept_too(double figure)
    {
        using var model = Forgetful(seed: 1);
        var options = Options() with { KeepBest = true };
        Make(model, Pairs, options, validate: () => figure).Run(null, Cancellation);
        var again = Make(model, Pairs, options with { Checkpoints = options.Checkpoints! with { Resume = true } }, validate: () => figure).Run(null, Cancellation);
        Assert.Equal((9, double.IsNegativeInfinity(figure) ? figure : null), (again.Steps, again.Best));
    }

    [Fact]
    public void Without_resume_a_run_starts_anew()
    {
        using var model = Forgetful(seed: 1);
        Train(model, Options());
        using var other = Forgetful(seed: 1);
        var events = new EventList();
        Train(other, Options(), events: events);
        Assert.Equal((0, null), (events[0].Step, ((TrainingStarted)events[0]).Checkpoint));
        AssertSameWeights(model, other);
    }

    [Fact]
    public void What_a_killed_writer_left_is_removed()
    {
        File.WriteAllText(Path.Combine(folder, $".{CheckpointOptions.FileName}.abc.tmp"), "half");
        using var model = Forgetful(seed: 1);
        Train(model, Options());
        Assert.Equal([CheckpointOptions.FileName], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Two_trainings_in_one_folder_are_refused()
    {
        using var model = Forgetful(seed: 1);
        using var other = Forgetful(seed: 2);
        var refused = false;
        var events = new EventList(value =>
        {
            if (value is not StepTaken { Step: 1 }) return;
            Assert.Contains(folder, Assert.Throws<IOException>(() => Train(other, Options())).Message);
            refused = true;
        });
        Train(model, Options(), events: events);
        Assert.True(refused);
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_the_step_the_batch_and_the_last_good_checkpoint()
    {
        using var model = Forgetful(seed: 1);
        var calls = 0;
        var data = new BucketedBatches(Pairs, new() { BatchSize = 20 });
        var trainer = new Trainer<SequenceBatch>(model, data, batch => Loss(model, batch) * (++calls == 6 ? double.NaN : 1), Options());
        var error = Assert.Throws<NonFiniteLossException>(() => trainer.Run(null, Cancellation));
        Assert.Equal((5, 1, 2, StateFile), (error.Step, error.Epoch, error.Batch, error.Checkpoint));
        Assert.Contains($"step 5 (epoch 2, batch 3). The last good checkpoint is {StateFile}.", error.Message);
        using var other = Forgetful(seed: 2);
        Assert.Equal(9, Make(other, Pairs, Options() with { Checkpoints = new(folder) { Resume = true } }).Run(null, Cancellation).Steps);
        Assert.All(other.parameters(), parameter => Assert.True(isfinite(parameter).all().item<bool>()));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_learning_rate_that_is_not_finite_stops_before_the_step_and_leaves_the_last_good_checkpoint(double factor)
    {
        using var model = Forgetful(seed: 1);
        var options = Options() with { Schedule = at => at.Step == 5 ? factor : 1 };
        var error = Assert.Throws<NonFiniteLossException>(() => Make(model, Pairs, options).Run(null, Cancellation));
        Assert.Contains("learning rate", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, error.Step);
        Assert.All(model.parameters(), parameter => Assert.True(isfinite(parameter).all().item<bool>()));
        using var other = Forgetful(seed: 2);
        Assert.Equal(9, Make(other, Pairs, Options() with { Checkpoints = new(folder) { Resume = true } }).Run(null, Cancellation).Steps);
    }

    [Theory]
    [InlineData("\"parameterSteps\":[", "\"parameterSteps\":[-1,")]
    [InlineData("\"parameterSteps\":[", "\"parameterSteps\":null,\"was\":[")]
    [InlineData("\"epochWeight\":0", "\"epochWeight\":-1")]
    public void A_state_that_can_not_be_is_refused(string what, string instead)
    {
        using var model = Forgetful(seed: 1);
        Train(model, Options());
        Rewrite(what, instead);
        using var other = Forgetful(seed: 2);
        Assert.Throws<InvalidDataException>(() => Train(other, Options(), resume: true));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(null)]
    public void A_gradient_that_is_not_finite_stops_before_the_step(double? clip)
    {
        using var model = Forgetful(seed: 1);
        var data = new BucketedBatches(Pairs, new() { BatchSize = 20 });
        // The root of 0 is 0 and its slope infinite.
        var trainer = new Trainer<SequenceBatch>(model, data, batch => (Loss(model, batch) * 0).sqrt(), new() { Budget = new(Epochs: 1), GradientClip = clip });
        Assert.Contains("norm of the gradient", Assert.Throws<NonFiniteLossException>(() => trainer.Run(null, Cancellation)).Message);
        Assert.All(model.parameters(), parameter => Assert.True(isfinite(parameter).all().item<bool>()));
    }

    [Fact]
    public void A_state_of_another_training_is_refused_and_changes_nothing()
    {
        using var model = Forgetful(seed: 1);
        Train(model, Options());
        var kept = File.ReadAllBytes(StateFile);
        using var scope = NewDisposeScope();
        using var untouched = Forgetful(seed: 2);
        using var other = Forgetful(seed: 2);
        using var wider = Models.Small(Symbols, width: 20);
        var numbers = random.get_rng_state();
        Assert.Contains("60 examples", Refused<InvalidDataException>(other, Task("copy", 61, seed: 1), Options()));
        Assert.Contains("AdamW", Refused<InvalidDataException>(other, Pairs, Options(OptimizerKind.AdamW)));
        Assert.Contains("average.", Refused<StateDictException>(other, Pairs, Options(average: 0.9)));
        Refused<StateDictException>(wider, Pairs, Options());
        foreach (var length in new[] { 0, 9, 200, kept.Length / 2, kept.Length - 1 })
        {
            File.WriteAllBytes(StateFile, kept[..length]);
            Refused<SafetensorsException>(other, Pairs, Options());
        }

        model.SaveWeights(StateFile);
        Assert.Contains("no state of a training", Refused<InvalidDataException>(other, Pairs, Options()));
        model.SaveWeights(StateFile, new Dictionary<string, string> { ["training"] = "{}" });
        Assert.Contains("no state of a training", Refused<InvalidDataException>(other, Pairs, Options()));
        AssertSameWeights(untouched, other);
        TensorAssert.Equal(numbers, random.get_rng_state());

        string Refused<T>(RecurrentSeq2Seq pupil, SequencePair[] pairs, TrainerOptions options)
            where T : Exception =>
            Assert.Throws<T>(() => Make(pupil, pairs, options with { Checkpoints = options.Checkpoints! with { Resume = true } }, validate: () => 1).Run(null, Cancellation)).Message;
    }

    private void Rewrite(string what, string instead)
    {
        using var scope = NewDisposeScope();
        string json;
        Dictionary<string, Tensor> tensors;
        using (var file = SafetensorsFile.Open(StateFile))
        {
            json = file.Metadata["training"];
            tensors = file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
        }

        Assert.Contains(what, json, StringComparison.Ordinal);
        SafetensorsFile.Write(StateFile, tensors, new Dictionary<string, string> { ["training"] = json.Replace(what, instead, StringComparison.Ordinal) });
    }

    private static SequencePair[] Pairs => Task("copy", 60, seed: 1);

    private TrainerOptions Options(OptimizerKind kind = OptimizerKind.Adam, int accumulation = 1, double? average = null, int atOnce = 1) => new()
    {
        Budget = new(Epochs: 3),
        Optimizer = kind,
        LearningRate = 0.02,
        WeightDecay = 0.01,
        Accumulation = accumulation,
        AtOnce = atOnce,
        AverageDecay = average,
        Checkpoints = new(folder) { EverySteps = 2 },
    };

    private static TrainingSummary Train(RecurrentSeq2Seq model, TrainerOptions options, bool resume = false, int? dieAfter = null, EventList? events = null, CancellationToken? cancellation = null)
    {
        // Judging it by a weight is as good as any figure, and moves up and down.
        options = options with { Plateau = new(), KeepBest = true, Checkpoints = options.Checkpoints is { } kept ? kept with { Resume = resume } : null };
        var listeners = new ProgressList(events ?? [], new EventList(value =>
        {
            if (value is StepTaken taken && taken.Step == dieAfter) throw new Died();
        }));
        return Make(model, Pairs, options, validate: () => model.state_dict()["bridge.hidden.bias"].sum().item<float>())
            .Run(listeners, cancellation ?? Cancellation);
    }

    private sealed class Died : Exception;
}
