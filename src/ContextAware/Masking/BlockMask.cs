using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The own block: ⌊p / size⌋ = ⌊s / size⌋, where the first key stands at position <c>first</c>.</summary>
internal sealed class BlockMask : AttentionMask
{
    private readonly long size;
    private readonly long first;

    internal BlockMask(long size, long first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        (this.size, this.first) = (Math.Min(size, MaskRegion.Far), first);
    }

    internal override string Name => $"Blocks({size})";

    internal override bool SeesOwnPosition => true;

    internal override bool NarrowsKeys => true;

    internal override AttentionMask StandingAt(Tensor offsets) => new UnevenBlockMask(offsets, size);

    internal override AttentionMask WithoutFirst(long count, long keyLength) => new BlockMask(size, first + count);

    internal override Tensor? Build(in MaskRegion region)
    {
        var queryBlocks = (region.QueryPositions() + first).div(size, RoundingMode.floor); // [T, 1]
        var keyBlocks = (region.KeyPositions() + first).div(size, RoundingMode.floor); // [S]
        return keyBlocks.eq(queryBlocks).unsqueeze(0).unsqueeze(0);                    // [1, 1, T, S]
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region)
    {
        var query = region.FirstPosition();
        var start = Math.Clamp(StartOfBlock(query), 0, region.KeyLength);
        var end = Math.Clamp(StartOfBlock(query + region.QueryCount - 1) + size, 0, region.KeyLength);
        return (start, Math.Max(start, end));
    }

    private long StartOfBlock(long key) => (long)Math.Floor((double)(key + first) / size) * size - first;
}
