using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>What a tensor says: true may attend.</summary>
internal sealed class BooleanMask : AttentionMask
{
    private readonly Tensor allowed;
    private readonly long[] shape;      // [B, H, T, S], 1 where it serves all

    internal BooleanMask(Tensor allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        if (allowed.dtype != ScalarType.Bool)
            throw new ArgumentException($"Expected a bool mask (true may attend), got {allowed.dtype}. A float bias is a separate argument.", nameof(allowed));
        var given = allowed.shape;
        shape = given.Length switch
        {
            2 => [1, 1, given[0], given[1]],
            3 => [given[0], 1, given[1], given[2]],
            4 => given,
            _ => throw new ArgumentException($"Expected [T, S], [B, T, S] or [B, H, T, S], got {ShapeText.Of(given)}.", nameof(allowed)),
        };
        this.allowed = allowed;
    }

    internal override string Name => "FromBoolean";

    internal override IEnumerable<Tensor> Tensors => [allowed];

    internal override AttentionMask Over(Queue<Tensor> tensors) => new BooleanMask(tensors.Dequeue());

    internal override AttentionMask WithoutFirst(long count, long keyLength) => new BooleanMask(MaskChecks.WithoutFirst(allowed, count, keyLength));

    internal override MaskSize KnownSize => new(shape[0], shape[1], shape[2], shape[3]);

    internal override void Check(in MaskRegion region) => MaskChecks.Fits(
        nameof(allowed), "[B, H, T, S]", [region.Size.Batch, region.Size.Heads, region.QueryLength, region.KeyLength], shape);

    internal override Tensor? Build(in MaskRegion region) =>
        region.Keys(region.Queries(allowed.to(region.Device).view(shape), 2), 3);      // [B, H, T, S]
}
