using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The own block, from where each batch stands: ⌊p / size⌋ = ⌊s / size⌋, with p = t + offsets[b].</summary>
internal sealed class UnevenBlockMask(Tensor offsets, long size) : AttentionMask
{
    internal override string Name => $"BlocksFrom({size})";

    internal override IEnumerable<Tensor> Tensors => [offsets];

    internal override AttentionMask Over(Queue<Tensor> tensors) => new UnevenBlockMask(tensors.Dequeue(), size);

    internal override MaskSize KnownSize => new(offsets.size(0), 1, 0, 0);

    internal override void Check(in MaskRegion region) => MaskChecks.Fits(offsets, nameof(offsets), "[B]", [region.Size.Batch]);

    internal override Tensor? Build(in MaskRegion region)
    {
        var queryBlocks = region.QueryPositions(offsets).div(size, RoundingMode.floor); // [B, 1, T, 1]
        var keyBlocks = region.KeyPositions().div(size, RoundingMode.floor);           // [S]
        return keyBlocks.eq(queryBlocks);                                              // [B, 1, T, S]
    }
}
