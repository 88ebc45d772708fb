using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Long short-term memory over [T, B, in] or [B, T, in]; gives output, last hidden and last cell states.</summary>
public sealed class LSTM : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
{
    private static readonly Op _run = "lstm.input", _runPacked = "lstm.data";
    private readonly RecurrentShape _shape;

    internal LSTM(RecurrentShape shape, Device device, ScalarType? dtype) : base(nameof(LSTM))
    {
        _shape = shape;
        foreach (var (key, weight) in shape.Create(device, dtype)) register_parameter(key, weight);
    }

    public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0 = null)
    {
        var batch = _shape.BatchOf(input);
        using var scope = NewDisposeScope();
        var result = _run.Call3(input, States(input, batch, h0_c0), Value.Tensors(_internal_params.values()), _shape.Bias, _shape.Layers,
            _shape.Dropout, training, _shape.Bidirectional, _shape.BatchFirst);
        return scope.MoveToOuter(result.Item1, result.Item2, result.Item3);
    }

    public new (Tensor, Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

    /// <summary>Over a packed batch; the states are in the order of the batch before packing.</summary>
    public (nn.utils.rnn.PackedSequence, Tensor, Tensor) call(nn.utils.rnn.PackedSequence input, (Tensor, Tensor)? h0_c0 = null)
    {
        var batch = _shape.BatchOf(input);
        using var scope = NewDisposeScope();
        var states = States(input.data, batch, h0_c0).Select(state => RecurrentShape.Permuted(state, input.sorted_indices)).ToArray();
        var (data, h, c) = _runPacked.Call3(input.data, input.batch_sizes, states, Value.Tensors(_internal_params.values()), _shape.Bias,
            _shape.Layers, _shape.Dropout, training, _shape.Bidirectional);
        return (RecurrentShape.Repacked(data, input).MoveToOuterDisposeScope(),
            RecurrentShape.Permuted(h, input.unsorted_indices).MoveToOuterDisposeScope(),
            RecurrentShape.Permuted(c, input.unsorted_indices).MoveToOuterDisposeScope());
    }

    private Tensor[] States(Tensor input, long batch, (Tensor, Tensor)? given)
    {
        if (given is not var (h0, c0)) return [_shape.Zeros(input, batch), _shape.Zeros(input, batch)];
        return [_shape.Checked(h0, batch, "hidden[0]"), _shape.Checked(c0, batch, "hidden[1]")];
    }

    /// <summary>Lays the weights side by side, as cuDNN wants them; nothing is to be done on the CPU.</summary>
    public void flatten_parameters() => _shape.Flatten([.. _internal_params.values()], mode: 2);

    private protected override void OnMoved() => flatten_parameters();
}
