using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static ContextAware.Models.Tests.Training.ToyTraining;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public class BatchGradientsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Gradients_are_those_of_the_sum_of_all_losses(int threads)
    {
        using var scope = NewDisposeScope();
        using var model = Models.Small(Symbols);
        var batches = Batches(5);
        model.zero_grad();
        var expected = batches.Sum(batch =>
        {
            var loss = Loss(model, batch);
            loss.backward();
            return loss.item<float>();
        });
        var gradients = model.parameters().Select(parameter => parameter.grad!.clone()).ToArray();
        model.zero_grad();
        using var side = new BatchGradients(model.parameters(), threads);
        var losses = side.Add([.. batches.Select<SequenceBatch, Func<Tensor>>(batch => () => Loss(model, batch))]);
        Assert.Equal(5, losses.Length);
        Assert.Equal(expected, losses.Sum(), 1e-5);
        foreach (var (gradient, parameter) in gradients.Zip(model.parameters())) TensorAssert.Close(gradient, parameter.grad!, 1e-5, 1e-6);
    }

    [Theory]
    [InlineData("gru")]
    [InlineData("lstm")]
    [InlineData("transformer")]
    [InlineData("rotary")]
    public void Threads_change_no_bit_though_numbers_are_dropped_at_random(string kind)
    {
        using var scope = NewDisposeScope();
        var (alone, together, again) = (Gradients(kind, threads: 1), Gradients(kind, threads: 4), Gradients(kind, threads: 2));
        Assert.All(alone, gradient => Assert.NotEqual(0, gradient.abs().sum().item<float>()));
        for (var i = 0; i < alone.Length; i++)
        {
            TensorAssert.Equal(alone[i], together[i]);
            TensorAssert.Equal(alone[i], again[i]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_loss_that_depends_on_nothing_is_refused(int threads)
    {
        using var scope = NewDisposeScope();
        using var model = Models.Small(Symbols);
        using var side = new BatchGradients(model.parameters(), threads);
        Assert.Throws<InvalidOperationException>(() => side.Add([() => ones(3).sum()]));
    }

    [Fact]
    public void Each_loss_drops_other_numbers_and_the_seed_decides_which()
    {
        var weight = new Parameter(ones(64));
        using var side = new BatchGradients([weight], 2);
        Assert.Equal(Dropped(7), Dropped(7));
        Assert.NotEqual(Dropped(7), Dropped(8));
        var (first, second) = Dropped(7);
        Assert.NotEqual(first, second);

        (string First, string Second) Dropped(int seed)
        {
            random.manual_seed(seed);
            using var layer = new VariationalDropout(0.5);
            var seen = new string[2];
            side.Add([.. Enumerable.Range(0, 2).Select<int, Func<Tensor>>(i => () =>
            {
                var left = layer.call(weight.view(1, 1, -1));
                seen[i] = string.Join(' ', left.detach().data<float>().ToArray());
                return left.sum();
            })]);
            return (seen[0], seen[1]);
        }
    }

    [Fact]
    public void Gradients_are_added_to_those_that_are_there()
    {
        using var scope = NewDisposeScope();
        var (used, unused, frozen) = (new Parameter(ones(3)), new Parameter(ones(3)), new Parameter(ones(3), requires_grad: false));
        using var side = new BatchGradients([used, unused, frozen], 2);
        Func<Tensor>[] losses = [() => (used * 2).sum(), () => (used * frozen * 3).sum()];
        Assert.Equal([6.0, 9], side.Add(losses));
        TensorAssert.Close(full(3, 5f), used.grad!);
        side.Add(losses);
        TensorAssert.Close(full(3, 10f), used.grad!);
        Assert.Null(unused.grad);
        Assert.Null(frozen.grad);
        used.grad = null!;
        side.Add([() => used.sum()]);
        TensorAssert.Close(ones(3), used.grad!);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void Parameters_of_any_layout_and_type_get_their_own_gradients(ScalarType type)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        // The gradients of a sum are one number, expanded; those of a and b are one tensor.
        var (a, b, turned) = (new Parameter(randn(4, 3, type)), new Parameter(randn(4, 3, type)), new Parameter(randn(3, 4, type).t()));
        using var side = new BatchGradients([a, b, turned], 2);
        side.Add([() => (a + b + turned).sum(), () => (a + b).sum() * 2, () => (a * turned).sum()]);
        TensorAssert.Close(turned.detach() + 3, a.grad!);
        TensorAssert.Close(full(4, 3, 3, type), b.grad!);
        TensorAssert.Close(a.detach() + 1, turned.grad!);
    }

    [Fact]
    public void What_a_loss_throws_comes_through_and_no_gradient_changes()
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(ones(3));
        using var side = new BatchGradients([weight], 2);
        Func<Tensor>[] losses = [() => weight.sum(), () => throw new TimeoutException("second"), () => throw new InvalidOperationException("third")];
        Assert.Equal("second", Assert.Throws<TimeoutException>(() => side.Add(losses)).Message);
        Assert.Null(weight.grad);
        side.Add([() => weight.sum()]);
        TensorAssert.Close(ones(3), weight.grad!);
    }

    [Fact]
    public void The_caller_keeps_its_threads_and_the_losses_have_one()
    {
        using var scope = NewDisposeScope();
        var before = get_num_threads();
        try
        {
            set_num_threads(3);
            var weight = new Parameter(ones(3));
            var seen = new int[4];
            using (var side = new BatchGradients([weight], 2))
            {
                Assert.Equal(3, get_num_threads());
                side.Add([.. Enumerable.Range(0, 4).Select<int, Func<Tensor>>(i => () =>
                {
                    seen[i] = get_num_threads();
                    return weight.sum();
                })]);
            }

            Assert.Equal([1, 1, 1, 1], seen);
            Assert.Equal(3, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void A_step_leaves_no_tensors()
    {
        using var scope = NewDisposeScope();
        using var model = Models.Small(Symbols);
        using var side = new BatchGradients(model.parameters(), 1);
        var batches = Batches(3);
        var live = new List<long>();
        for (var round = 0; round < 12; round++)
        {
            model.zero_grad();
            // The one thread's tensors are freed by this one: only both counts together say something.
            var (here, there) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, 0L);
            side.Add([.. batches.Select<SequenceBatch, Func<Tensor>>((batch, i) => () =>
            {
                if (i == 0) there = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                return Loss(model, batch);
            })]);
            live.Add(here + there);
        }

        Assert.Single(live.Skip(2).Distinct());
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentNullException>(() => new BatchGradients(null!, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchGradients([new Parameter(ones(3))], 0));
        Assert.Throws<ArgumentException>(() => new BatchGradients([new Parameter(ones(3), requires_grad: false)], 2));
    }

    [Fact]
    public void Training_side_by_side_takes_the_steps_of_training_one_after_the_other()
    {
        using var scope = NewDisposeScope();
        using var apart = Models.Small(Symbols);
        using var together = Models.Small(Symbols);
        together.load_state_dict(apart.state_dict());
        var options = new TrainerOptions { Budget = new(Epochs: 2), Accumulation = 3, LearningRate = 1e-3 };
        var (one, other) = (new EventList(), new EventList());
        var pairs = Task("copy", 130, seed: 1);
        Make(apart, pairs, options).Run(one, Cancellation);
        Make(together, pairs, options with { AtOnce = 2 }).Run(other, Cancellation);
        var (expected, got) = (one.OfType<StepTaken>().ToArray(), other.OfType<StepTaken>().ToArray());
        Assert.Equal(expected.Length, got.Length);
        foreach (var (step, same) in expected.Zip(got))
        {
            Assert.Equal(step.Loss, same.Loss, 1e-4);
            Assert.Equal(step.Examples, same.Examples);
        }

        foreach (var ((name, value), (_, same)) in apart.named_parameters().Zip(together.named_parameters())) TensorAssert.Close(value, same, 1e-3, 1e-3, name);
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_its_batch()
    {
        using var model = Models.Small(Symbols);
        var data = new BucketedBatches(Task("copy", 80, seed: 1), new() { BatchSize = 10 });
        // The second of the third step's batches.
        using var sixth = SequenceBatch.Create(data.Groups(0)[5]);
        var spoiled = Written(sixth);
        var options = new TrainerOptions { Budget = new(Epochs: 1), Accumulation = 2, AtOnce = 2 };
        var trainer = new Trainer<SequenceBatch>(model, data, batch => Loss(model, batch) * (Written(batch) == spoiled ? double.NaN : 1), options);
        var error = Assert.Throws<NonFiniteLossException>(() => trainer.Run(null, Cancellation));
        Assert.Equal((2, 0, 5), (error.Step, error.Epoch, error.Batch));
        Assert.All(model.parameters(), parameter => TensorAssert.AllFinite(parameter));

        static string Written(SequenceBatch batch) => string.Join(' ', batch.Source.data<long>().ToArray());
    }

    [Fact]
    public void More_at_once_than_a_step_has_is_refused()
    {
        using var model = Models.Small(Symbols);
        foreach (var options in new TrainerOptions[] { new() { Budget = new(1), AtOnce = 0 }, new() { Budget = new(1), AtOnce = 3, Accumulation = 2 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => Make(model, Task("copy", 5, 1), options));
    }

    private static Tensor[] Gradients(string kind, int threads)
    {
        random.manual_seed(3);
        using var model = Model(kind);
        model.train();
        using var side = new BatchGradients(model.parameters(), threads);
        side.Add([.. Batches(6).Select<SequenceBatch, Func<Tensor>>(batch => () =>
            SequenceLoss.CrossEntropy(model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput))]);
        return [.. model.parameters().Select(parameter => parameter.grad!.clone())];
    }

    private static nn.Module<Tensor, Tensor, Tensor, bool, DecoderOutput> Model(string kind) => kind is "gru" or "lstm"
        ? new RecurrentSeq2Seq(new()
        {
            SourceVocabulary = Symbols, TargetVocabulary = Symbols, EmbeddingWidth = 8, HiddenWidth = 12, Dropout = 0.3,
            Cell = kind == "gru" ? CellKind.Gru : CellKind.Lstm,
        })
        : new TransformerSeq2Seq(new()
        {
            SourceVocabulary = Symbols, TargetVocabulary = Symbols, Width = 16, Heads = 2, Dropout = 0.3,
            Positions = kind == "rotary" ? PositionKind.Rotary : PositionKind.Sinusoidal,
        });

    // Lengths differ, so that tables and masks of several sizes are made at the same time.
    private static SequenceBatch[] Batches(int count) =>
        [.. Enumerable.Range(0, count).Select(i => SequenceBatch.Create(Task("reverse", 4 + (3 * i), seed: i + 1)))];
}
