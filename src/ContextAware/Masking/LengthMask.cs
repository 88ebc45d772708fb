using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The first keys of each batch: s &lt; lengths[b].</summary>
internal sealed class LengthMask : AttentionMask
{
    private readonly Tensor? tensor;
    private readonly long[]? numbers;

    internal LengthMask(Tensor lengths)
    {
        MaskChecks.Integers(lengths, 1, "[B]");
        tensor = lengths;
    }

    internal LengthMask(long[] lengths)
    {
        foreach (var length in lengths)
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
        numbers = lengths;
    }

    internal override string Name => "FromLengths";

    internal override IEnumerable<Tensor> Tensors => tensor is null ? [] : [tensor];

    internal override AttentionMask Over(Queue<Tensor> tensors) => tensor is null ? this : new LengthMask(tensors.Dequeue());

    internal override AttentionMask WithoutFirst(long count, long keyLength) => numbers is null
        ? new LengthMask(tensor!.sub(count).clamp_min(0))
        : new LengthMask(Array.ConvertAll(numbers, length => Math.Max(length - count, 0)));

    internal override MaskSize KnownSize => new(Batch, 1, 1, MaskSize.Any);

    internal override long LikelyKeys
    {
        get
        {
            using var scope = NewDisposeScope();
            var lengths = numbers ?? [.. tensor!.to(int64).cpu().contiguous().data<long>()];
            return Math.Max(1, lengths.DefaultIfEmpty().Max());
        }
    }

    private long Batch => numbers?.LongLength ?? tensor!.size(0);

    internal override void Check(in MaskRegion region) => MaskChecks.Fits("lengths", "[B]", [region.Size.Batch], [Batch]);

    internal override Tensor? Build(in MaskRegion region)
    {
        var lengths = numbers is null ? tensor!.to(region.Device) : torch.tensor(numbers, int64, region.Device);
        return region.KeyPositions().lt(lengths.view(-1, 1, 1, 1));                    // [B, 1, 1, S]
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region) =>
        (0, numbers is { Length: > 0 } ? Math.Min(numbers.Max(), region.KeyLength) : region.KeyLength);
}
