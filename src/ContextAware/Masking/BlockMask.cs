using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The own block: ⌊p / size⌋ = ⌊s / size⌋.</summary>
internal sealed class BlockMask : AttentionMask
{
    private readonly long size;

    internal BlockMask(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        this.size = Math.Min(size, MaskRegion.Far);
    }

    internal override string Name => $"Blocks({size})";

    internal override bool SeesOwnPosition => true;

    internal override bool NarrowsKeys => true;

    internal override Tensor? Build(in MaskRegion region)
    {
        var queryBlocks = region.QueryPositions().div(size, RoundingMode.floor);       // [T, 1]
        var keyBlocks = region.KeyPositions().div(size, RoundingMode.floor);           // [S]
        return keyBlocks.eq(queryBlocks).unsqueeze(0).unsqueeze(0);                    // [1, 1, T, S]
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region)
    {
        var first = region.FirstPosition();
        var start = Math.Clamp(FloorToBlock(first), 0, region.KeyLength);
        var end = Math.Clamp(FloorToBlock(first + region.QueryCount - 1) + size, 0, region.KeyLength);
        return (start, Math.Max(start, end));
    }

    private long FloorToBlock(long position) => (long)Math.Floor((double)position / size) * size;
}
