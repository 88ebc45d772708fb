using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The own document: equal ids.</summary>
internal sealed class DocumentMask : AttentionMask
{
    private readonly Tensor queryIds;
    private readonly Tensor keyIds;

    internal DocumentMask(Tensor queryIds, Tensor keyIds)
    {
        MaskChecks.Integers(queryIds, 2, "[B, T]");
        MaskChecks.Integers(keyIds, 2, "[B, S]");
        (this.queryIds, this.keyIds) = (queryIds, keyIds);
    }

    internal override string Name => "Documents";

    internal override IEnumerable<Tensor> Tensors => [queryIds, keyIds];

    internal override AttentionMask Over(Queue<Tensor> tensors) => new DocumentMask(tensors.Dequeue(), tensors.Dequeue());

    internal override AttentionMask WithoutFirst(long count, long keyLength) => new DocumentMask(queryIds, MaskChecks.WithoutFirst(keyIds, count, keyLength));

    internal override MaskSize KnownSize => new(queryIds.size(0) == 1 ? keyIds.size(0) : queryIds.size(0), 1, queryIds.size(1), keyIds.size(1));

    internal override void Check(in MaskRegion region)
    {
        MaskChecks.Fits(queryIds, nameof(queryIds), "[B, T]", [region.Size.Batch, region.QueryLength]);
        MaskChecks.Fits(keyIds, nameof(keyIds), "[B, S]", [region.Size.Batch, region.KeyLength]);
    }

    internal override Tensor? Build(in MaskRegion region)
    {
        var ofQueries = region.Queries(queryIds, 1).to(region.Device).unsqueeze(-1);   // [B, T, 1]
        var ofKeys = region.Keys(keyIds, 1).to(region.Device).unsqueeze(-2);           // [B, 1, S]
        return ofKeys.eq(ofQueries).unsqueeze(1);                                      // [B, 1, T, S]
    }
}
