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

    /// <summary>
    /// β: hypotheses that leave a part of their source unseen are ranked lower, by β · Σ log min(coverage, 1) over the source's
    /// symbols, where coverage is the attention that a symbol got over all steps: Wu et al. 2016, eq. 14. A coverage below
    /// 1e-9 counts as that. 0 does not look at the attention; otherwise the model must give weights.
    /// </summary>
    public double CoveragePenalty { get; init; }

    /// <summary>
    /// How many parts a list of sources is cut into that are searched side by side, each on a thread of its own: on the CPU,
    /// small models gain more from that than from operations divided among threads. 1 leaves the threads to libtorch.
    /// </summary>
    public int AtOnce { get; init; } = 1;
}
