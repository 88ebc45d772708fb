using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Modules against PyTorch's: names, initial values under a seed, outputs, gradients, running statistics.</summary>
[Collection(nameof(RunAlone))]
public class ModuleGoldenTests
{
    private const string FileName = "nn_modules.safetensors";

    private static readonly Dictionary<string, Func<nn.Module>> Makers = new()
    {
        ["linear"] = () => nn.Linear(5, 7),
        ["linear_plain"] = () => nn.Linear(5, 7, hasBias: false),
        ["bilinear"] = () => nn.Bilinear(3, 4, 5),
        ["embedding"] = () => nn.Embedding(11, 6),
        ["embedding_padding"] = () => nn.Embedding(11, 6, padding_idx: 3),
        ["layer_norm"] = () => nn.LayerNorm([3, 5]),
        ["group_norm"] = () => nn.GroupNorm(2, 6),
        ["batch_norm1d"] = () => nn.BatchNorm1d(5),
        ["batch_norm2d"] = () => nn.BatchNorm2d(3, momentum: 0.3),
        ["prelu"] = () => nn.PReLU(3),
        ["conv1d"] = () => nn.Conv1d(3, 5, 3, stride: 2, padding: 1),
        ["conv1d_same"] = () => nn.Conv1d(3, 5, 4, Padding.Same, dilation: 2),
        ["conv1d_reflect"] = () => nn.Conv1d(2, 4, 3, padding: 2, padding_mode: PaddingModes.Reflect, groups: 2),
        ["conv2d"] = () => nn.Conv2d(3, 4, (3, 2), stride: (1, 2), padding: (1, 0)),
        ["conv2d_circular"] = () => nn.Conv2d(2, 3, (3, 5), padding: (1, 2), padding_mode: PaddingModes.Circular, bias: false),
        ["conv_transpose1d"] = () => nn.ConvTranspose1d(3, 4, 3, stride: 2, output_padding: 1),
        ["conv_transpose2d"] = () => nn.ConvTranspose2d(4, 6, (2, 3), stride: (2, 2), padding: (1, 1), groups: 2),
        ["max_pool1d"] = () => nn.MaxPool1d(3, padding: 1),
        ["max_pool2d"] = () => nn.MaxPool2d((2, 3), stride: (1, 2)),
        ["avg_pool1d"] = () => nn.AvgPool1d(3, stride: 2, padding: 1),
        ["avg_pool2d"] = () => nn.AvgPool2d((2, 3), padding: (1, 1), count_include_pad: false),
        ["adaptive_avg_pool2d"] = () => nn.AdaptiveAvgPool2d((2, 3)),
        ["adaptive_max_pool1d"] = () => nn.AdaptiveMaxPool1d(3),
        ["adaptive_max_pool2d"] = () => nn.AdaptiveMaxPool2d([2, 3]),
        ["rnn_cell"] = () => nn.RNNCell(5, 3),
        ["rnn_cell_relu"] = () => nn.RNNCell(5, 3, nn.NonLinearities.ReLU),
        ["gru_cell"] = () => nn.GRUCell(5, 3),
        ["lstm_cell"] = () => nn.LSTMCell(5, 3),
        ["rnn"] = () => nn.RNN(5, 3, 2),
        ["rnn_relu"] = () => nn.RNN(5, 3, nonLinearity: nn.NonLinearities.ReLU, bias: false, batchFirst: true),
        ["gru"] = () => nn.GRU(5, 3, 2, bidirectional: true),
        ["gru_zero_state"] = () => nn.GRU(5, 3, batchFirst: true),
        ["lstm"] = () => nn.LSTM(5, 3, 2, bidirectional: true),
        ["lstm_zero_state"] = () => nn.LSTM(5, 3, 2, bias: false, batchFirst: true),
    };

    public static TheoryData<string> Cases => [.. Makers.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_module_draws_the_initial_values_that_PyTorch_draws(string name)
    {
        PublishedFaults.Skip(name);
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(FileName, name);
        manual_seed(GoldenCase.Seed);
        using var module = Makers[name]();
        var after = rand(3);
        var state = module.state_dict();
        Assert.Equal(golden.State.Keys, state.Keys);
        foreach (var (key, expected) in golden.State) AssertSame(expected, state[key], $"{name}/{key}");
        AssertSame(golden["after"], after, $"the numbers after {name}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_module_has_the_outputs_and_gradients_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(FileName, name);
        using var module = Makers[name]();
        module.load_state_dict(golden.State);
        golden.Check(Call(module, golden.Inputs), module.named_parameters());
        foreach (var (key, buffer) in module.named_buffers()) TensorAssert.Close(golden[$"state.{key}"], buffer, what: $"{name}/{key}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_module_in_double_precision_agrees_with_itself_in_single(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(FileName, name);
        using var module = Makers[name]();
        module.load_state_dict(golden.State);
        module.to(float64);
        Assert.All(module.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        var inputs = golden.Inputs.Select(x => x.is_floating_point() ? x.to(float64) : x).ToArray();
        var outputs = Call(module, inputs);
        for (var i = 0; i < outputs.Length; i++) TensorAssert.Close(golden[$"out.{i}"], outputs[i], 1e-5, 2e-6, $"{name}/out.{i}");
    }

    /// <summary>To the bit on the same libtorch; within rounding on another, whose vectors are wider.</summary>
    internal static void AssertSame(Tensor expected, Tensor actual, string what)
    {
        if (Provider.IsPublished) TensorAssert.Close(expected, actual, what: what);
        else TensorAssert.Equal(expected, actual, what);
    }

    private static Tensor[] Call(nn.Module module, Tensor[] x) => module switch
    {
        nn.Module<Tensor, Tensor> m => [m.call(x[0])],
        LSTM m => Flat(m.call(x[0], x.Length > 1 ? (x[1], x[2]) : null)),
        LSTMCell m => Flat(m.call(x[0], (x[1], x[2]))),
        GRU m => Flat(m.call(x[0], x.ElementAtOrDefault(1))),
        RNN m => Flat(m.call(x[0], x[1])),
        nn.Module<Tensor, Tensor, Tensor> m => [m.call(x[0], x[1])],
        _ => throw new NotSupportedException(module.GetName()),
    };

    private static Tensor[] Flat((Tensor, Tensor) outputs) => [outputs.Item1, outputs.Item2];

    private static Tensor[] Flat((Tensor, Tensor, Tensor) outputs) => [outputs.Item1, outputs.Item2, outputs.Item3];
}
