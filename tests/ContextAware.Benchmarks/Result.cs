namespace ContextAware.Benchmarks;

/// <summary>One case under one allocator setting: seconds a run (medians) and bytes at the peak, ours and PyTorch's.</summary>
internal sealed record Result(
    string Case, string What, bool Retained, double Seconds, long Peak, double? PeerSeconds, long? PeerPeak, double? Ratio);
