using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The present and the past: s ≤ t + offset, where no offset means S − T.</summary>
internal sealed class CausalMask(long? start) : AttentionMask
{
    private readonly long? offset = start is { } given ? Math.Clamp(given, -MaskRegion.Far, MaskRegion.Far) : null;

    internal override string Name => offset is null ? "Causal" : $"CausalFrom({offset})";

    internal override AttentionMask StandingAt(Tensor offsets) => offset is null ? new UnevenCausalMask(offsets) : this;

    internal override AttentionMask WithoutFirst(long count, long keyLength) => offset is null ? this : new CausalMask(offset - count);

    internal override bool SeesOwnPosition => offset is null;

    internal override bool NarrowsKeys => true;

    internal override bool ShowsAll(in MaskRegion whole) => LastVisible(whole, 0) >= whole.KeyLength - 1;

    /// <summary>Whether the diagonal starts in the first corner, which is all that the fused kernel knows.</summary>
    internal bool StartsInCorner(long queryLength, long keyLength) => (offset ?? keyLength - queryLength) == 0;

    internal override Tensor? Build(in MaskRegion region)
    {
        if (LastVisible(region, region.QueryStart) >= region.KeyStart + region.KeyCount - 1)
            return null;
        var limits = region.QueryPositions(offset);                              // [T, 1]
        return region.KeyPositions().le(limits).unsqueeze(0).unsqueeze(0);       // [1, 1, T, S]
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region) =>
        (0, Math.Clamp(LastVisible(region, region.QueryStart + region.QueryCount - 1) + 1, 0, region.KeyLength));

    internal override bool MayHideAll(long queryLength, long keyLength) =>
        keyLength == 0 || (offset ?? keyLength - queryLength) < 0;

    private long LastVisible(in MaskRegion region, long query) => query + (offset ?? region.KeyLength - region.QueryLength);
}
