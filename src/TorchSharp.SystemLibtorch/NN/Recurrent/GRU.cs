using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Gated recurrent units over [T, B, in] or [B, T, in]; gives output and last hidden states.</summary>
public sealed class GRU : nn.Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private static readonly Op _run = "gru.input", _runPacked = "gru.data";
    private readonly RecurrentShape _shape;

    internal GRU(RecurrentShape shape, Device device, ScalarType? dtype) : base(nameof(GRU))
    {
        _shape = shape;
        foreach (var (key, weight) in shape.Create(device, dtype)) register_parameter(key, weight);
    }

    public override (Tensor, Tensor) forward(Tensor input, Tensor h0 = null)
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
    public void flatten_parameters() => _shape.Flatten([.. _internal_params.values()], mode: 3);

    private protected override void OnMoved() => flatten_parameters();
}
