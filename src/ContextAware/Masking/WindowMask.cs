using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>A window around the own position: p − before ≤ s ≤ p + after.</summary>
internal sealed class WindowMask : AttentionMask
{
    private readonly long before;
    private readonly long after;

    internal WindowMask(long before, long after)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        (this.before, this.after) = (before, after);
    }

    internal override string Name => $"SlidingWindow({before}, {after})";

    internal override bool SeesOwnPosition => true;

    internal override bool NarrowsKeys => true;

    internal override Tensor? Build(in MaskRegion region)
    {
        var positions = region.QueryPositions();                                       // [T, 1]
        var keys = region.KeyPositions();                                              // [S]
        var allowed = keys.ge(positions - before).logical_and_(keys.le(positions + after));
        return allowed.unsqueeze(0).unsqueeze(0);                                      // [1, 1, T, S]
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region)
    {
        var start = Math.Clamp(region.FirstPosition - before, 0, region.KeyLength);
        var end = Math.Clamp(region.FirstPosition + region.QueryCount + after, 0, region.KeyLength);
        return (start, Math.Max(start, end));
    }
}
