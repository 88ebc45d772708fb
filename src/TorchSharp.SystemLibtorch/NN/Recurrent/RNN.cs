using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A plain recurrent network over [T, B, in] or [B, T, in]; gives output and last hidden states.</summary>
public sealed class RNN : nn.Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private static readonly Op _tanh = "rnn_tanh.input", _relu = "rnn_relu.input", _tanhPacked = "rnn_tanh.data", _reluPacked = "rnn_relu.data";
    private readonly Op _run, _runPacked;
    private readonly RecurrentShape _shape;

    internal RNN(RecurrentShape shape, nn.NonLinearities nonLinearity, Device device, ScalarType? dtype) : base(nameof(RNN))
    {
        _shape = shape;
        (_run, _runPacked) = nonLinearity == nn.NonLinearities.Tanh ? (_tanh, _tanhPacked) : (_relu, _reluPacked);
        foreach (var (key, weight) in shape.Create(device, dtype)) register_parameter(key, weight);
    }

    public override (Tensor, Tensor) forward(Tensor input, Tensor h0)
    {
        var batch = _shape.BatchOf(input);
        using var scope = NewDisposeScope();
        var result = _run.Call2(input, State(input, batch, h0), Value.Tensors(_internal_params.values()), _shape.Bias, _shape.Layers,
            _shape.Dropout, training, _shape.Bidirectional, _shape.BatchFirst);
        return scope.MoveToOuter(result.Item1, result.Item2);
    }

    public new (Tensor, Tensor) call(Tensor input, Tensor h0 = null) => base.call(input, h0);

    /// <summary>Over a packed batch; the states are in the order of the batch before packing.</summary>
    public (nn.utils.rnn.PackedSequence, Tensor) call(nn.utils.rnn.PackedSequence input, Tensor h0 = null)
    {
        var batch = _shape.BatchOf(input);
        using var scope = NewDisposeScope();
        var state = RecurrentShape.Permuted(State(input.data, batch, h0), input.sorted_indices);
        var (data, h) = _runPacked.Call2(input.data, input.batch_sizes, state, Value.Tensors(_internal_params.values()), _shape.Bias,
            _shape.Layers, _shape.Dropout, training, _shape.Bidirectional);
        return (RecurrentShape.Repacked(data, input).MoveToOuterDisposeScope(),
            RecurrentShape.Permuted(h, input.unsorted_indices).MoveToOuterDisposeScope());
    }

    private Tensor State(Tensor input, long batch, Tensor given)
        => given is null ? _shape.Zeros(input, batch) : _shape.Checked(given, batch, "hidden");

    /// <summary>Lays the weights side by side, as cuDNN wants them; nothing is to be done on the CPU.</summary>
    public void flatten_parameters() => _shape.Flatten([.. _internal_params.values()], mode: _run == _relu ? 0 : 1);

    private protected override void OnMoved() => flatten_parameters();

    /// <summary>Weights by number: layer·directions + direction.</summary>
    public Parameter get_weight_ih(long idx) => Weight("weight_ih", idx);

    public Parameter get_weight_hh(long idx) => Weight("weight_hh", idx);

    public Parameter get_bias_ih(long idx) => Weight("bias_ih", idx);

    public Parameter get_bias_hh(long idx) => Weight("bias_hh", idx);

    private Parameter Weight(string kind, long idx)
        => get_parameter(_shape.Bidirectional ? $"{kind}_l{idx / 2}{(idx % 2 == 1 ? "_reverse" : "")}" : $"{kind}_l{idx}");
}
