using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// Turns an encoder's last state into a decoder's first: s₀ = tanh(W h + b), Bahdanau et al. 2015 (arXiv 1409.0473),
/// appendix A.2.2, over both directions of the encoder's top layer, for each layer of the decoder. The memory of an LSTM has
/// a map of its own, without tanh.
/// </summary>
/// <remarks>W is <c>[L·D,W]</c>, the layers' rows under each other. In the state dict: <c>hidden.weight</c>, <c>hidden.bias</c>, and <c>cell.weight</c>, <c>cell.bias</c> for an LSTM.</remarks>
public sealed class StateBridge : nn.Module<RecurrentState, RecurrentState[]>
{
    private readonly long encoderWidth;
    private readonly int layers;

    [ComponentName(Name = "hidden")]
    private readonly Linear hidden;

    [ComponentName(Name = "cell")]
    private readonly Linear? cell;

    /// <summary>Makes the bridge.</summary>
    /// <param name="kind">The kind of cell on both sides.</param>
    /// <param name="encoderWidth">W: the width of the encoder's top layer, both directions together.</param>
    /// <param name="decoderWidth">D.</param>
    /// <param name="layers">How many layers the decoder has.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public StateBridge(CellKind kind, long encoderWidth, long decoderWidth, int layers = 1)
        : base(nameof(StateBridge))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(encoderWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(decoderWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        (this.encoderWidth, this.layers) = (encoderWidth, layers);
        hidden = nn.Linear(encoderWidth, layers * decoderWidth);
        cell = kind == CellKind.Lstm ? nn.Linear(encoderWidth, layers * decoderWidth) : null;
        RegisterComponents();
    }

    /// <summary>Makes the first state of each layer.</summary>
    /// <param name="state">The encoder's last states <c>[L,B,H]</c>.</param>
    /// <returns><c>[B,D]</c> for each layer, the lowest first.</returns>
    /// <exception cref="ArgumentException">The states do not fit.</exception>
    public override RecurrentState[] forward(RecurrentState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        var first = hidden.call(TopLayer(state.Hidden)).tanh_();
        var memory = cell?.call(TopLayer(state.Cell ?? throw new ArgumentException("Expected a state with a memory cell, got one without.", nameof(state))));
        var (states, memories) = (first.chunk(layers, 1), memory?.chunk(layers, 1));       // L of [B,D]
        return [.. Enumerable.Range(0, layers).Select(layer => new RecurrentState(states[layer], memories?[layer]).MoveToOuterDisposeScope())];
    }

    private Tensor TopLayer(Tensor states)
    {
        var shape = states.shape;                                                         // [L,B,H]
        var directions = shape.Length == 3 ? encoderWidth / shape[2] : 0;
        if (directions < 1 || directions > shape[0] || directions * shape[2] != encoderWidth)
            throw new ArgumentException($"Expected states [L,B,H] whose top layer is {encoderWidth} wide, got {ShapeText.Compact(shape)}.", nameof(states));
        return states.narrow(0, shape[0] - directions, directions).transpose(0, 1).reshape(shape[1], encoderWidth);
    }
}
