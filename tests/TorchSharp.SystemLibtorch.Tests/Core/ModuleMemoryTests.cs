using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

/// <summary>A module makes only tensors that it owns, and a forward only its results: what else it needs it frees itself.</summary>
public class ModuleMemoryTests
{
    public static TheoryData<string, Func<nn.Module<Tensor, Tensor>>, long[]> Modules => new() {
        { "Linear", () => nn.Linear(3, 4), [2, 3] },
        { "Linear without bias", () => nn.Linear(3, 4, hasBias: false), [2, 3] },
        { "LayerNorm", () => nn.LayerNorm(3), [2, 3] },
        { "BatchNorm1d", () => nn.BatchNorm1d(3), [2, 3] },
        { "BatchNorm2d", () => nn.BatchNorm2d(3), [2, 3, 4, 4] },
        { "GroupNorm", () => nn.GroupNorm(1, 3), [2, 3, 4] },
        { "Conv1d", () => nn.Conv1d(3, 4, 2), [2, 3, 5] },
        { "Conv2d", () => nn.Conv2d(3, 4, 2), [2, 3, 5, 5] },
        { "ConvTranspose1d", () => nn.ConvTranspose1d(3, 4, 2), [2, 3, 5] },
        { "PReLU", () => nn.PReLU(1), [2, 3] },
        { "Dropout", () => nn.Dropout(0.5), [2, 3] },
        { "GELU", () => nn.GELU(), [2, 3] },
        { "Softmax", () => nn.Softmax(-1), [2, 3] },
        { "MaxPool2d", () => nn.MaxPool2d(2), [2, 3, 4, 4] },
        { "AvgPool2d", () => nn.AvgPool2d(2), [2, 3, 4, 4] },
        { "AdaptiveAvgPool2d", () => nn.AdaptiveAvgPool2d(1), [2, 3, 4, 4] },
        { "Sequential", () => nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)), [2, 3] },
    };

    [Theory]
    [MemberData(nameof(Modules), DisableDiscoveryEnumeration = true)]
    public void A_module_leaves_nothing_behind(string name, Func<nn.Module<Tensor, Tensor>> make, long[] shape)
    {
        Assert.SkipWhen(Provider.IsPublished && name.StartsWith("Conv", StringComparison.Ordinal), "TorchSharp 0.107 leaves a tensor behind for each convolution.");
        using Tensor input = randn(shape, requires_grad: true);
        AssertNothingStays(name, () => {
            using var module = make();
            AssertMakes(1, name, () => module.call(input));
            AssertMakes(0, name, () => {
                using var scope = NewDisposeScope();
                module.call(input).sum().backward();
                module.to(float64);
            });
        });
    }

    [Fact]
    public void Embeddings_leave_nothing_behind()
    {
        using Tensor input = tensor(new long[] { 1, 2, 0 });
        AssertNothingStays("Embedding", () => {
            using var plain = nn.Embedding(4, 3);
            using var padded = nn.Embedding(4, 3, padding_idx: 0);
            AssertMakes(1, "Embedding", () => padded.call(input));
            using Tensor table = ones(4, 3);
            using var given = nn.Embedding_from_pretrained(table);
        });
    }

    [Fact]
    public void Recurrent_layers_leave_nothing_behind()
    {
        Assert.SkipWhen(Provider.IsPublished, "TorchSharp 0.107 leaves the first states of an LSTM behind.");
        using Tensor input = randn(5, 2, 3);
        using Tensor step = randn(2, 3);
        AssertNothingStays("recurrent", () => {
            using Tensor hidden = zeros(2, 4);
            using LSTM lstm = nn.LSTM(3, 4, bidirectional: true);
            using GRU gru = nn.GRU(3, 4, batchFirst: false);
            using RNN rnn = nn.RNN(3, 4);
            using LSTMCell lstmCell = nn.LSTMCell(3, 4);
            using GRUCell gruCell = nn.GRUCell(3, 4);
            AssertMakes(3, "LSTM", () => lstm.call(input));
            AssertMakes(2, "GRU", () => gru.call(input));
            AssertMakes(2, "RNN", () => rnn.call(input));
            AssertMakes(2, "LSTMCell", () => lstmCell.call(step));
            AssertMakes(1, "GRUCell", () => gruCell.call(step, hidden));
        });
    }

    [Fact]
    public void Losses_and_functions_leave_nothing_behind()
    {
        using Tensor scores = randn(4, 3), probabilities = rand(4, 3), query = randn(1, 2, 5, 4);
        using Tensor classes = tensor(new long[] { 0, 2, 1, 1 }), mask = ones(5, 5, dtype: @bool);
        using var crossEntropy = nn.CrossEntropyLoss();
        using var squares = nn.MSELoss();
        AssertMakes(1, "CrossEntropyLoss", () => crossEntropy.call(scores, classes));
        AssertMakes(1, "MSELoss", () => squares.call(scores, probabilities));
        AssertMakes(1, "cross_entropy", () => nn.functional.cross_entropy(scores, classes));
        AssertMakes(1, "binary_cross_entropy", () => nn.functional.binary_cross_entropy(probabilities, probabilities));
        AssertMakes(1, "softmax", () => nn.functional.softmax(scores, -1));
        AssertMakes(1, "one_hot", () => nn.functional.one_hot(classes, 3));
        AssertMakes(1, "layer_norm", () => nn.functional.layer_norm(scores, [3]));
        AssertMakes(1, "attention", () => nn.functional.scaled_dot_product_attention(query, query, query));
        AssertMakes(1, "masked attention", () => nn.functional.scaled_dot_product_attention(query, query, query, mask));
        AssertMakes(1, "causal attention", () => nn.functional.scaled_dot_product_attention(query, query, query, is_casual: true));
    }

    private static void AssertNothingStays(string name, Action action)
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        action();
        Assert.True(before == DisposeScopeManager.Statistics.ThreadTotalLiveCount,
            $"{name} leaves {DisposeScopeManager.Statistics.ThreadTotalLiveCount - before} tensors behind");
    }

    /// <summary>Counts what lives after the action, outside any scope of its own; the scope here frees it.</summary>
    private static void AssertMakes<T>(int expected, string name, Func<T> action)
    {
        using var scope = NewDisposeScope();
        action();
        Assert.True(expected == scope.DisposablesCount, $"{name} makes {scope.DisposablesCount} tensors, not {expected}");
    }

    private static void AssertMakes(int expected, string name, Action action) => AssertMakes(expected, name, () => { action(); return 0; });
}
