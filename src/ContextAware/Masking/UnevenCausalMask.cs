using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The present and the past, from where each batch stands: s ≤ t + offsets[b].</summary>
internal sealed class UnevenCausalMask : AttentionMask
{
    private readonly Tensor offsets;

    internal UnevenCausalMask(Tensor offsets)
    {
        MaskChecks.Integers(offsets, 1, "[B]");
        this.offsets = offsets;
    }

    internal override string Name => "CausalFrom";

    internal override IEnumerable<Tensor> Tensors => [offsets];

    internal override AttentionMask Over(Queue<Tensor> tensors) => new UnevenCausalMask(tensors.Dequeue());

    internal override AttentionMask WithoutFirst(long count, long keyLength) => new UnevenCausalMask(offsets.sub(count));

    internal override MaskSize KnownSize => new(offsets.size(0), 1, MaskSize.Any, MaskSize.Any);

    internal override void Check(in MaskRegion region) => MaskChecks.Fits(offsets, nameof(offsets), "[B]", [region.Size.Batch]);

    internal override Tensor? Build(in MaskRegion region) =>
        region.KeyPositions().le(region.QueryPositions(offsets));                      // [B, 1, T, S]
}
