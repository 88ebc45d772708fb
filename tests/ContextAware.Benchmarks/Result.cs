namespace ContextAware.Benchmarks;

/// <summary>One case under one allocator setting: medians of the rounds, and the bytes that the first run took at its peak.</summary>
internal sealed record Result(string Case, string What, bool Retained, double Seconds, long Peak)
{
    /// <summary>PyTorch beside us; null where it can't do the case or isn't there.</summary>
    public Comparison? PyTorch { get; init; }

    /// <summary>TorchSharp's own module beside us; null where it has none.</summary>
    public Comparison? TorchSharp { get; init; }

    /// <summary>The time that the case's matrix products take at the speed of the bare product, as a share of ours.</summary>
    public double? ProductShare { get; init; }
}

/// <summary>A peer in the same rounds. Ratio: the median over the rounds of our time divided by the peer's.</summary>
internal sealed record Comparison(double Seconds, long Peak, double Ratio);
