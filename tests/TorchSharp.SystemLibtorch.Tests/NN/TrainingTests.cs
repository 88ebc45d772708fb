using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Long runs.</summary>
[Collection(nameof(RunAlone))]
public class TrainingTests
{
    [Fact]
    public void A_thousand_steps_of_an_LSTM_learn_and_leave_nothing_behind()
    {
        var threads = get_num_threads();
        set_num_threads(1); // the work of one step is too small to share
        try
        {
            LearnAndLeaveNothingBehind();
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static void LearnAndLeaveNothingBehind()
    {
        manual_seed(1);
        using var model = new Tagger();
        using var rows = randint(0, 11, [4, 5]);
        using var words = rows.repeat(192, 1); // learns as the four rows do; the smallest activation kept a step would make 30 MB
        using var tags = words.remainder(3);
        var losses = new List<double>();
        LeakCheck.Memory(() =>
        {
            using var scope = NewDisposeScope();
            var scores = model.call(words); // [B, T, tags]
            var loss = F.cross_entropy(scores.flatten(0, 1), tags.flatten());
            model.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1);
            using (no_grad())
                foreach (var parameter in model.parameters()) parameter.sub_(parameter.grad! * 0.5);
            losses.Add(loss.item<float>());
        }, 700, 24);
        Assert.True(losses.Count > 1000);
        Assert.True(losses[^1] < losses[0] / 10, $"The loss went from {losses[0]} to {losses[^1]}.");
    }

    [Fact]
    public void A_module_that_is_disposed_leaves_no_native_tensor()
    {
        PublishedFaults.Skip("parameter_count");
        Make();
        LeakCheck.CollectGarbage();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 10; i++) Make();
        Assert.Equal(before, Tensor.TotalCount);

        static void Make()
        {
            using var scope = NewDisposeScope();
            using var module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Conv1d(2, 3, 2), nn.Embedding(4, 3, padding_idx: 1));
            using var lstm = nn.LSTM(2, 3, 2, bidirectional: true);
        }
    }

    [Fact]
    public void Gradients_are_clipped_to_a_joint_norm()
    {
        using var scope = NewDisposeScope();
        Parameter a = new(zeros(2)), b = new(zeros(1)), unused = new(zeros(1));
        (a * tensor(new[] { 2f, 3f })).sum().backward();
        (b * 6f).sum().backward();
        Assert.Equal(7, nn.utils.clip_grad_norm_([a, b, unused], 3.5), 1e-5);
        TensorAssert.Close(tensor(new[] { 1f, 1.5f }), a.grad!);
        TensorAssert.Close(tensor(new[] { 3f }), b.grad!);
        Assert.Equal(3, nn.utils.clip_grad_norm_([a, b, unused], 100, double.PositiveInfinity), 1e-5);
        nn.utils.clip_grad_value_([a, b, unused], 1.25);
        TensorAssert.Close(tensor(new[] { 1f, 1.25f }), a.grad!);
        TensorAssert.Close(tensor(new[] { 1.25f }), b.grad!);
    }

    [Fact]
    public void Parameters_become_a_vector_and_come_back()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Linear(2, 3);
        var vector = nn.utils.parameters_to_vector(module.parameters());
        Assert.Equal([9], vector.shape);
        nn.utils.vector_to_parameters(arange(9, float32), module.parameters());
        TensorAssert.Close(arange(6, float32).reshape(3, 2), module.weight!);
        TensorAssert.Close(arange(6, 9, 1, float32), module.bias!);
    }

    private sealed class Tagger : nn.Module<Tensor, Tensor>
    {
        private readonly Embedding embedding = nn.Embedding(11, 5);
        private readonly LSTM lstm = nn.LSTM(5, 8, batchFirst: true);
        private readonly Linear linear = nn.Linear(8, 3);

        public Tagger() : base(nameof(Tagger)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (output, _, _) = lstm.call(embedding.call(input));
            return linear.call(output).MoveToOuterDisposeScope();
        }
    }
}
