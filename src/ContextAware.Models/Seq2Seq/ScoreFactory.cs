using ContextAware.Scoring;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Makes score functions by kind.</summary>
internal static class ScoreFactory
{
    /// <summary>Makes one.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="queryWidth">D: the width of a state.</param>
    /// <param name="keyWidth">W: the width of the source.</param>
    /// <param name="hidden">The width in which they are compared, for the scores with a tanh.</param>
    /// <exception cref="ArgumentException">The kind needs equal widths, and they differ.</exception>
    public static ScoreFunction Create(ScoreKind kind, long queryWidth, long keyWidth, long hidden)
    {
        if (kind is ScoreKind.Dot or ScoreKind.ScaledDot or ScoreKind.Cosine && queryWidth != keyWidth)
            throw new ArgumentException($"Expected a state as wide as the source for a {kind} score, got {queryWidth} and {keyWidth}.", nameof(kind));
        return kind switch
        {
            ScoreKind.Additive => new AdditiveScore(queryWidth, keyWidth, hidden),
            ScoreKind.NormalizedAdditive => new AdditiveScore(queryWidth, keyWidth, hidden, normalized: true),
            ScoreKind.Dot => new DotScore(),
            ScoreKind.ScaledDot => new ScaledDotScore(queryWidth),
            ScoreKind.General => new GeneralScore(queryWidth, keyWidth),
            ScoreKind.Concat => new ConcatScore(queryWidth, keyWidth, hidden),
            ScoreKind.Cosine => new CosineScore(),
            ScoreKind.Location => new LocationScore(queryWidth, keyWidth, hidden),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected a kind of score."),
        };
    }
}
