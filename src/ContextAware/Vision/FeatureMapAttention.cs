using ContextAware.Attention;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Multi-head self-attention over the places of a map, with positions of two dimensions: x + MultiHead(x + p, x + p, x).
/// </summary>
/// <remarks>
/// Sinusoidal positions p join queries and keys, not values: Carion et al. 2020, "DETR" (arXiv 2005.12872), appendix A.4.
/// Relative ones join the scores, softmax(Q·Kᵀ/√E + B)·V: Liu et al. 2021, "Swin transformer" (arXiv 2103.14030), eq. 4.
/// Shapes: B batch, C channels, H height, W width, N = H · W places. Parameters: <c>attention.in_proj_weight</c> and the others of
/// <see cref="MultiHeadAttention"/>, <c>bias.relative_position_bias_table</c>.
/// </remarks>
public sealed class FeatureMapAttention : nn.Module<Tensor, Tensor>
{
    private readonly long channels;

    [ComponentName(Name = "attention")]
    private readonly MultiHeadAttention attention;

    [ComponentName(Name = "encoding")]
    private readonly SinusoidalEncoding2d? encoding;

    [ComponentName(Name = "bias")]
    private readonly RelativeBias2d? bias;

    /// <summary>Makes the module with sinusoidal positions, or without any.</summary>
    /// <param name="channels">C.</param>
    /// <param name="heads">How many heads, a divisor of C.</param>
    /// <param name="encoding">The positions; null: none, and places may be permuted.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">The number of heads doesn't divide C.</exception>
    public FeatureMapAttention(long channels, long heads, SinusoidalEncoding2d? encoding = null) : base(nameof(FeatureMapAttention))
    {
        attention = new(channels, heads);
        this.channels = channels;
        this.encoding = encoding;
        RegisterComponents();
    }

    /// <summary>Makes the module with relative positions.</summary>
    /// <param name="channels">C.</param>
    /// <param name="bias">The positions, for as many heads as there shall be, a divisor of C.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">The number of heads doesn't divide C.</exception>
    public FeatureMapAttention(long channels, RelativeBias2d bias) : base(nameof(FeatureMapAttention))
    {
        ArgumentNullException.ThrowIfNull(bias);
        attention = new(channels, bias.Heads);
        this.channels = channels;
        this.bias = bias;
        RegisterComponents();
    }

    /// <summary>Attends.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit, or the map is larger than the positions reach.</exception>
    public override Tensor forward(Tensor input) => Attend(input).Output;

    /// <summary>Attends, and says where each place looked.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,C,H,W]</c>; weights, if wanted, <c>[B,heads,N,N]</c>, query by key, places row by row.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit, or the map is larger than the positions reach.</exception>
    public AttentionResult Attend(Tensor input, bool needWeights = false)
    {
        var map = FeatureMap.Of(input, channels, attention.Standard);
        if (bias is not null && (map.Height > bias.Height || map.Width > bias.Width))
            throw new ArgumentException($"Expected a map of at most {bias.Height}×{bias.Width}, got {map.Height}×{map.Width}.", nameof(input));
        using var scope = NewDisposeScope();
        var values = FeatureMap.ToTokens(input);                                     // [B,N,C]
        var keys = encoding is null ? values : FeatureMap.ToTokens(encoding.call(input));
        var (output, weights) = attention.call(keys, keys, values, bias: bias?.call(map.Height, map.Width), needWeights: needWeights);
        return new AttentionResult(map.FromTokens(output) + input, weights).MoveToOuterDisposeScope();
    }
}
