using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// Turns an encoder's last state into a decoder's first: s₀ = tanh(W h + b), Bahdanau et al. 2015 (arXiv 1409.0473),
/// appendix A.2.2, over both directions of the top layer. The memory of an LSTM has a map of its own, without tanh.
/// </summary>
/// <remarks>In the state dict: <c>hidden.weight</c>, <c>hidden.bias</c>, and <c>cell.weight</c>, <c>cell.bias</c> for an LSTM.</remarks>
public sealed class StateBridge : nn.Module<RecurrentState, RecurrentState>
{
    private readonly long encoderWidth;

    [ComponentName(Name = "hidden")]
    private readonly Linear hidden;

    [ComponentName(Name = "cell")]
    private readonly Linear? cell;

    /// <summary>Makes the bridge.</summary>
    /// <param name="kind">The kind of cell on both sides.</param>
    /// <param name="encoderWidth">W: the width of the encoder's top layer, both directions together.</param>
    /// <param name="decoderWidth">D.</param>
    public StateBridge(CellKind kind, long encoderWidth, long decoderWidth)
        : base(nameof(StateBridge))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(encoderWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(decoderWidth);
        this.encoderWidth = encoderWidth;
        hidden = nn.Linear(encoderWidth, decoderWidth);
        cell = kind == CellKind.Lstm ? nn.Linear(encoderWidth, decoderWidth) : null;
        RegisterComponents();
    }

    /// <summary>Makes the first state.</summary>
    /// <param name="state">The encoder's last states <c>[L,B,H]</c>.</param>
    /// <returns><c>[B,D]</c>.</returns>
    public override RecurrentState forward(RecurrentState state)
    {
        using var scope = NewDisposeScope();
        var first = hidden.call(TopLayer(state.Hidden)).tanh_();
        var memory = cell?.call(TopLayer(state.Cell ?? throw new ArgumentException("Expected a state with a memory cell, got one without.", nameof(state))));
        return new RecurrentState(first, memory).MoveToOuterDisposeScope();
    }

    private Tensor TopLayer(Tensor states)
    {
        var shape = states.shape;                                                         // [L,B,H]
        var directions = shape.Length == 3 ? encoderWidth / shape[2] : 0;
        if (directions < 1 || directions > shape[0] || directions * shape[2] != encoderWidth)
            throw new ArgumentException($"Expected states [L,B,H] whose top layer is {encoderWidth} wide, got [{string.Join(',', shape)}].", nameof(states));
        return states.narrow(0, shape[0] - directions, directions).transpose(0, 1).reshape(shape[1], encoderWidth);
    }
}
