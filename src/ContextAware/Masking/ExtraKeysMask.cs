using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>Another mask, and some keys after those it knows, which every query sees.</summary>
internal sealed class ExtraKeysMask(AttentionMask inner, long extra) : AttentionMask
{
    internal override string Name => $"{inner.Name} + {extra}";

    internal override MaskSize KnownSize => inner.KnownSize is { KeyLength: not MaskSize.Any } known ? known with { KeyLength = known.KeyLength + extra } : inner.KnownSize;

    internal override long LikelyKeys => inner.LikelyKeys + extra;

    internal override IEnumerable<Tensor> Tensors => inner.Tensors;

    internal override AttentionMask Over(Queue<Tensor> tensors) => new ExtraKeysMask(inner.Over(tensors), extra);

    internal override void Check(in MaskRegion region) => inner.Check(Inner(region));

    internal override bool ShowsAll(in MaskRegion whole) => inner.ShowsAll(Inner(whole));

    internal override bool MayHideAll(long queryLength, long keyLength) => false;

    internal override Tensor? Build(in MaskRegion region)
    {
        if (inner.Build(Inner(region)) is not { } allowed)
            return null;
        var shape = allowed.shape;
        var known = allowed.expand(shape[0], shape[1], shape[2], region.KeyLength - extra);                // [B, H, T, S − extra]
        var added = ones([shape[0], shape[1], shape[2], extra], @bool, region.Device);
        return cat([known, added], -1);                                                                    // [B, H, T, S]
    }

    private MaskRegion Inner(in MaskRegion region) => region with
    {
        Size = region.Size with { KeyLength = region.KeyLength - extra },
        KeyCount = region.KeyLength - extra,
    };
}
