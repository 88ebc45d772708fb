using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The scaled dot product: Vaswani et al. 2017 (arXiv 1706.03762), eq. 1.</summary>
/// <remarks>score = qᵀk / √width, so that scores of unit-variance vectors have unit variance. No parameters.</remarks>
public sealed class ScaledDotScore : ScoreFunction
{
    private readonly long width;

    /// <summary>Makes the score.</summary>
    /// <param name="width">The common width of queries and keys.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="width"/> is not positive.</exception>
    public ScaledDotScore(long width)
        : base(nameof(ScaledDotScore))
    {
        this.width = ScoreShape.Positive(width, nameof(width));
    }

    /// <summary>What every dot product is multiplied by: 1/√width.</summary>
    public double Scale => 1 / Math.Sqrt(width);

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, width, width);
        using var scope = NewDisposeScope();
        return DotScore.Products(query * Scale, projectedKey, shape).MoveToOuterDisposeScope();
    }
}
