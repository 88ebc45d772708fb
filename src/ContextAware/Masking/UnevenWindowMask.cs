using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>A window around the own position, from where each batch stands: p − before ≤ s ≤ p + after, with p = t + offsets[b].</summary>
internal sealed class UnevenWindowMask : AttentionMask
{
    private readonly Tensor offsets;
    private readonly long before;
    private readonly long after;

    internal UnevenWindowMask(Tensor offsets, long before, long after)
    {
        MaskChecks.Integers(offsets, 1, "[B]");
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        this.offsets = offsets;
        (this.before, this.after) = (Math.Min(before, MaskRegion.Far), Math.Min(after, MaskRegion.Far));
    }

    internal override string Name => $"SlidingWindowFrom({before}, {after})";

    internal override IEnumerable<Tensor> Tensors => [offsets];

    internal override AttentionMask Over(Queue<Tensor> tensors) => new UnevenWindowMask(tensors.Dequeue(), before, after);

    internal override AttentionMask WithoutFirst(long count, long keyLength) => new UnevenWindowMask(offsets.sub(count), before, after);

    internal override MaskSize KnownSize => new(offsets.size(0), 1, MaskSize.Any, MaskSize.Any);

    internal override void Check(in MaskRegion region) => MaskChecks.Fits(offsets, nameof(offsets), "[B]", [region.Size.Batch]);

    internal override Tensor? Build(in MaskRegion region)
    {
        var positions = region.QueryPositions(offsets);                                // [B, 1, T, 1]
        var keys = region.KeyPositions();                                              // [S]
        return keys.ge(positions - before).logical_and_(keys.le(positions + after));   // [B, 1, T, S]
    }
}
