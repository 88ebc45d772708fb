using ContextAware.Attention;
using ContextAware.Interop;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Lets every place of a map look at every other: Wang et al. 2018, "Non-local neural networks" (arXiv 1711.07971).
/// </summary>
/// <remarks>
/// y_i = Σ_j f(x_i, x_j) g(x_j) / 𝒞 (eq. 1), z_i = W_z y_i + x_i (eq. 6). W_z starts at zero, so that the block starts as
/// identity and can be put into a network that has been trained without it (section 3.3).
/// Shapes: B batch, C channels, H height, W width, N = H · W places, M inner channels. Parameters as in the usual Python
/// implementations: <c>g</c>, <c>theta</c> and <c>phi</c> <c>[M,C,1,1]</c>, <c>W</c> <c>[C,M,1,1]</c>, with biases.
/// </remarks>
public sealed class NonLocalBlock : nn.Module<Tensor, Tensor>
{
    private readonly long channels;
    private readonly NonLocalKind kind;

    [ComponentName(Name = "g")]
    private readonly Conv2d value;

    [ComponentName(Name = "theta")]
    private readonly Conv2d query;

    [ComponentName(Name = "phi")]
    private readonly Conv2d key;

    [ComponentName(Name = "W")]
    private readonly Conv2d output;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="inner">M; null: half of C, as in the paper.</param>
    /// <param name="kind">f.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or there is no such kind.</exception>
    public NonLocalBlock(long channels, long? inner = null, NonLocalKind kind = NonLocalKind.EmbeddedGaussian) : base(nameof(NonLocalBlock))
    {
        ScoreShape.Positive(channels, nameof(channels));
        var width = ScoreShape.Positive(inner ?? Math.Max(1, channels / 2), nameof(inner));
        if (!Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected EmbeddedGaussian or Dot.");
        (this.channels, this.kind) = (channels, kind);
        (value, query, key) = (nn.Conv2d(channels, width, 1L), nn.Conv2d(channels, width, 1L), nn.Conv2d(channels, width, 1L));
        output = nn.Conv2d(width, channels, 1L);
        if (!WeightInitialization.IsSkipped)
        {
            nn.init.zeros_(output.weight);
            nn.init.zeros_(output.bias);
        }
        RegisterComponents();
    }

    /// <summary>z.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input) => Attend(input).Output;

    /// <summary>z, and where each place looked.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,C,H,W]</c>; weights f/𝒞, if wanted, <c>[B,N,N]</c>: they sum to 1 for the embedded Gaussian only.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public AttentionResult Attend(Tensor input, bool needWeights = false)
    {
        var map = FeatureMap.Of(input, channels, query.weight);
        using var scope = NewDisposeScope();
        var (q, k, v) = (Tokens(query, input), Tokens(key, input), Tokens(value, input));          // [B,N,M] each
        var (mixed, weights) = kind == NonLocalKind.Dot
            ? Dot(q, k, v, map.Places, needWeights)
            : AttentionFunctions.ScaledDotProduct(q, k, v, new() { Scale = 1, NeedWeights = needWeights });
        var sum = output.call(map.FromTokens(mixed)) + input;                        // [B,C,H,W]
        return new AttentionResult(sum, weights).MoveToOuterDisposeScope();
    }

    // Without a softmax the products may be taken in either order; the cheaper one never makes [B,N,N].
    private static AttentionResult Dot(Tensor query, Tensor key, Tensor value, long places, bool needWeights)
    {
        if (!needWeights)
            return new(query.matmul(key.transpose(1, 2).matmul(value).mul(1.0 / places)), null);
        var weights = query.matmul(key.transpose(1, 2)).mul(1.0 / places);           // [B,N,N]
        return new(weights.matmul(value), weights);
    }

    private static Tensor Tokens(Conv2d projection, Tensor input) => FeatureMap.ToTokens(projection.call(input));
}
