using ContextAware.Attention;
using ContextAware.Positions;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>What encoder and decoder layers are made of. The defaults are those of Vaswani et al. 2017.</summary>
public sealed record TransformerLayerOptions
{
    /// <summary>The layers of the paper.</summary>
    public static TransformerLayerOptions Default { get; } = new();

    /// <summary>F, the width of the plain feed-forward network; null: 4·D.</summary>
    public long? FeedForwardWidth { get; init; }

    /// <summary>What bends the plain feed-forward network.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>
    /// Makes another network for a width of D, <c>width => new GatedFeedForward(width, 4 * width)</c>, say: <c>feed_forward</c> in
    /// the state dict. Null: the plain one, with PyTorch's <c>linear1</c> and <c>linear2</c>.
    /// </summary>
    public Func<long, nn.Module<Tensor, Tensor>>? FeedForward { get; init; }

    /// <summary>
    /// The share dropped in training: of attention weights, of the plain network's inner values, and of what each sublayer
    /// adds (section 5.4).
    /// </summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Whether norms come before the sublayers (Xiong et al. 2020) instead of after each sum.</summary>
    public bool NormFirst { get; init; }

    /// <summary>Makes a norm for a width of D: <c>width => new RmsNorm(width)</c>, say. Null: LayerNorm.</summary>
    public Func<long, nn.Module<Tensor, Tensor>>? Norm { get; init; }

    /// <summary>Whether projections, the plain feed-forward network and LayerNorms have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>G, the number of key-value heads; null: H.</summary>
    public long? KeyValueHeads { get; init; }

    /// <summary>How positions enter the queries and keys of self-attention; one object may serve all layers. Null: not here.</summary>
    public IPositionTransform? Positions { get; init; }

    /// <summary>Makes learned vectors for distances for a head's width, one set for each layer's self-attention (Shaw et al. 2018); null: none.</summary>
    public Func<long, ShawPositions>? RelativePositions { get; init; }

    /// <summary>Makes a norm for a head's width, for queries and keys; null: none.</summary>
    public Func<long, nn.Module<Tensor, Tensor>>? QueryKeyNorm { get; init; }

    /// <summary>The width of the memory that a decoder layer reads; null: D.</summary>
    public long? MemoryWidth { get; init; }

    /// <summary>A norm for a width of D.</summary>
    internal nn.Module<Tensor, Tensor> MakeNorm(long width) =>
        Norm is null ? nn.LayerNorm(width, bias: Bias) : Norm(width);

    internal MultiHeadAttention MakeSelfAttention(long width, long heads) =>
        new(width, heads, Attention() with { Positions = Positions, RelativePositions = RelativePositions });

    internal MultiHeadAttention MakeCrossAttention(long width, long heads) =>
        new(width, heads, Attention() with { KeyWidth = MemoryWidth, ValueWidth = MemoryWidth });

    private MultiHeadAttentionOptions Attention() => new()
    {
        Dropout = Dropout,
        Bias = Bias,
        KeyValueHeads = KeyValueHeads,
        QueryKeyNorm = QueryKeyNorm,
    };
}
