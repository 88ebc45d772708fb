using ContextAware.Positions;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What <see cref="MultiHeadAttention"/> can do besides the plain form.</summary>
public sealed record MultiHeadAttentionOptions
{
    /// <summary>The plain form.</summary>
    public static MultiHeadAttentionOptions Default { get; } = new();

    /// <summary>Width of the keys that come in (PyTorch's <c>kdim</c>); null: D.</summary>
    public long? KeyWidth { get; init; }

    /// <summary>Width of the values that come in (PyTorch's <c>vdim</c>); null: D.</summary>
    public long? ValueWidth { get; init; }

    /// <summary>G: 1 is multi-query (Shazeer 2019), less than H grouped-query attention (Ainslie et al. 2023); null: H.</summary>
    public long? KeyValueHeads { get; init; }

    /// <summary>Whether the projections have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether a learned key and value is appended to those that come in (PyTorch's <c>add_bias_kv</c>).</summary>
    public bool AddKeyValueBias { get; init; }

    /// <summary>Whether a key and value of zeros is appended: something to attend to when nothing fits.</summary>
    public bool AddZeroAttention { get; init; }

    /// <summary>The share of weights dropped in training.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Makes a norm for a head's width, once for the queries and once for the keys (Henry et al. 2020), before positions
    /// enter; <c>width => nn.LayerNorm(width)</c>, say. Null: none.
    /// </summary>
    public Func<long, nn.Module<Tensor, Tensor>>? QueryKeyNorm { get; init; }

    /// <summary>How positions enter queries and keys; null: not here.</summary>
    public IPositionTransform? Positions { get; init; }

    /// <summary>
    /// Makes learned vectors for each distance of query and key (Shaw et al. 2018) for a head's width; null: none. Their scale
    /// must be that of the scores; vectors of values need the weights, and so the explicit path.
    /// </summary>
    public Func<long, ShawPositions>? RelativePositions { get; init; }

    /// <summary>Factor on the scores; null stands for 1/√E.</summary>
    public double? Scale { get; init; }

    /// <summary>c in c·tanh(score/c); 0: none.</summary>
    public double Softcap { get; init; }
}
