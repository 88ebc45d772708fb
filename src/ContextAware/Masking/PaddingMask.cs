using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The keys that are not padding.</summary>
internal sealed class PaddingMask : AttentionMask
{
    private readonly Tensor padding;
    private readonly PaddingMeaning meaning;

    internal PaddingMask(Tensor padding, PaddingMeaning meaning)
    {
        ArgumentNullException.ThrowIfNull(padding);
        MaskChecks.Dimensions(padding, 2, "[B, S]");
        if (!Enum.IsDefined(meaning))
            throw new ArgumentOutOfRangeException(nameof(meaning), meaning, "Expected TrueIsPadding or TrueIsToken.");
        (this.padding, this.meaning) = (padding, meaning);
    }

    internal override string Name => "FromKeyPadding";

    internal override IEnumerable<Tensor> Tensors => [padding];

    internal override AttentionMask Over(Queue<Tensor> tensors) => new PaddingMask(tensors.Dequeue(), meaning);

    internal override AttentionMask WithoutFirst(long count, long keyLength) => new PaddingMask(MaskChecks.WithoutFirst(padding, count, keyLength), meaning);

    internal override MaskSize KnownSize => new(padding.size(0), 1, 1, padding.size(1));

    internal override void Check(in MaskRegion region) =>
        MaskChecks.Fits(padding, nameof(padding), "[B, S]", [region.Size.Batch, region.KeyLength]);

    internal override Tensor? Build(in MaskRegion region)
    {
        var marked = region.Keys(padding, 1).to(region.Device).to(@bool);              // [B, S]
        var allowed = meaning == PaddingMeaning.TrueIsToken ? marked : marked.logical_not();
        return allowed.unsqueeze(1).unsqueeze(1);                                      // [B, 1, 1, S]
    }
}
