using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>What comes with the input of a stack of layers in one call.</summary>
public sealed record StackCall
{
    /// <summary>Nothing.</summary>
    public static StackCall Default { get; } = new();

    /// <summary>Which position may attend to which in self-attention.</summary>
    public AttentionMask Mask { get; init; } = AttentionMask.None;

    /// <summary>Which position may attend to which of the memory; only for decoders.</summary>
    public AttentionMask MemoryMask { get; init; } = AttentionMask.None;

    /// <summary>Added to the scores of self-attention, [T, S] or [B, H, T, S]; a size of 1 serves all.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Which layers' weights to return.</summary>
    public StackWeights Weights { get; init; }

    /// <summary>Keys and values of earlier steps, and of the memory.</summary>
    public StackCache? Cache { get; init; }

    /// <summary>What a layer's self-attention is called with.</summary>
    internal AttentionCall Self(int layer, int layers, Tensor? bias) =>
        new() { Mask = Mask, Bias = bias, NeedWeights = NeedsWeights(layer, layers), Cache = Cache?[layer].Self };

    /// <summary>What a layer's attention to the memory is called with.</summary>
    internal AttentionCall Cross(int layer, int layers) =>
        new() { Mask = MemoryMask, NeedWeights = NeedsWeights(layer, layers), Cache = Cache?[layer].Cross };

    /// <summary>The bias of the positions, made once for all layers, and the caller's.</summary>
    /// <param name="input">[B, T, D].</param>
    /// <param name="positions">Null: there is none.</param>
    internal Tensor? TotalBias(Tensor input, IPositionBias? positions)
    {
        if (positions is null)
            return Bias;
        var length = input.size(-2);
        var cache = Cache?[0].Self;
        var keys = cache?.KeyLength(length) ?? length;
        var own = cache?.Positions(length) is { } ids ? positions.BiasAt(input, ids, keys) : positions.Bias(input, keys);
        return Bias is null ? own : own.add(Bias);
    }

    private bool NeedsWeights(int layer, int layers) =>
        Weights == StackWeights.AllLayers || (Weights == StackWeights.LastLayer && layer == layers - 1);
}
