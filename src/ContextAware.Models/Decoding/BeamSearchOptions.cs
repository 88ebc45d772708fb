namespace ContextAware.Models.Decoding;

/// <summary>How <see cref="BeamSearch"/> searches.</summary>
public sealed record BeamSearchOptions
{
    /// <summary>How many beginnings are kept at a time.</summary>
    public int Width { get; init; } = 5;

    /// <summary>How many hypotheses are returned for each source, at most <see cref="Width"/>.</summary>
    public int Best { get; init; } = 1;

    /// <summary>The most symbols to write, the end mark included.</summary>
    public int MaximumLength { get; init; } = 100;

    /// <summary>
    /// α: hypotheses are ranked by log p / ((5 + length) / 6)^α, Wu et al. 2016 (arXiv 1609.08144), eq. 14. 0 ranks by
    /// log p, which favours short ones.
    /// </summary>
    public double LengthPenalty { get; init; }
}
