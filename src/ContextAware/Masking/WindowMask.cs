using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>A window around the own position: p − before ≤ s ≤ p + after, with p = t + offset, where no offset means S − T.</summary>
internal sealed class WindowMask : AttentionMask
{
    private readonly long? offset;
    private readonly long before;
    private readonly long after;

    internal WindowMask(long? offset, long before, long after)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        this.offset = offset is { } given ? Math.Clamp(given, -MaskRegion.Far, MaskRegion.Far) : null;
        (this.before, this.after) = (Math.Min(before, MaskRegion.Far), Math.Min(after, MaskRegion.Far));
    }

    internal override string Name => offset is null ? $"SlidingWindow({before}, {after})" : $"SlidingWindowFrom({offset}, {before}, {after})";

    internal override bool SeesOwnPosition => offset is null;

    internal override bool NarrowsKeys => true;

    internal override AttentionMask StandingAt(Tensor offsets) => offset is null ? new UnevenWindowMask(offsets, before, after) : this;

    internal override AttentionMask WithoutFirst(long count, long keyLength) => offset is null ? this : new WindowMask(offset - count, before, after);

    internal override Tensor? Build(in MaskRegion region)
    {
        var positions = region.QueryPositions(offset);                                 // [T, 1]
        var keys = region.KeyPositions();                                              // [S]
        var allowed = keys.ge(positions - before).logical_and_(keys.le(positions + after));
        return allowed.unsqueeze(0).unsqueeze(0);                                      // [1, 1, T, S]
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region)
    {
        var first = region.FirstPosition(offset);
        var start = Math.Clamp(first - before, 0, region.KeyLength);
        var end = Math.Clamp(first + region.QueryCount + after, 0, region.KeyLength);
        return (start, Math.Max(start, end));
    }
}
