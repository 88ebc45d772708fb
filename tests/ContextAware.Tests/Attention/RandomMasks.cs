using ContextAware.Masking;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Random masks of every kind, and of several combined.</summary>
internal static class RandomMasks
{
    internal static AttentionMask Draw(RandomCase random, long batch, long heads, long queries, long keys)
    {
        var mask = AttentionMask.None;
        for (var i = random.Pick("masks", 0, 1, 1, 1, 2, 3); i > 0; i--)
            mask &= One(random, batch, heads, queries, keys);
        return mask;
    }

    /// <summary>What a mask allows, over all sizes: bool [B, H, T, S].</summary>
    internal static Tensor Allowed(AttentionMask mask, long batch, long heads, long queries, long keys) =>
        (mask.ToTensor(batch, heads, queries, keys, CPU) ?? ones([1, 1, 1, 1], @bool)).expand(batch, heads, queries, keys);

    private static AttentionMask One(RandomCase random, long batch, long heads, long queries, long keys)
    {
        var kind = random.Pick(
            "mask", "causal", "from", "each from", "window", "window from", "window each from", "blocks", "lengths", "length tensor", "padding", "boolean", "documents");
        return kind switch
        {
            "causal" => AttentionMask.Causal,
            "from" => AttentionMask.CausalFrom(Offset()),
            "each from" => AttentionMask.CausalFrom(Integers(-3, 5)),
            "window" => AttentionMask.SlidingWindow(Before(), After()),
            "window from" => AttentionMask.SlidingWindowFrom(Offset(), Before(), After()),
            "window each from" => AttentionMask.SlidingWindowFrom(Integers(-3, 5), Before(), After()),
            "blocks" => AttentionMask.Blocks(random.Pick("size", 1L, 2, 3, 5, long.MaxValue)),
            "lengths" => AttentionMask.FromLengths([.. Enumerable.Range(0, (int)batch).Select(_ => random.Random.NextInt64(keys + 2))]),
            "length tensor" => AttentionMask.FromLengths(Integers(0, keys + 2)),
            "padding" => AttentionMask.FromKeyPadding(
                random.Mask(0.7, random.Flag("padding B") ? batch : 1, keys), random.Pick("true is", PaddingMeaning.TrueIsToken, PaddingMeaning.TrueIsPadding)),
            "documents" => AttentionMask.Documents(
                random.Mask(0.5, random.Flag("queries B") ? batch : 1, queries).to(int64), random.Mask(0.5, random.Flag("keys B") ? batch : 1, keys).to(int32)),
            _ => AttentionMask.FromBoolean(random.Mask(
                0.6, random.Flag("mask B") ? batch : 1, random.Flag("mask H") ? heads : 1, random.Flag("mask T") ? queries : 1, random.Flag("mask S") ? keys : 1)),
        };

        long Offset() => random.Pick("offset", -3L, -1, 0, 1, 4, long.MaxValue, long.MinValue);

        long Before() => random.Pick("before", 0L, 1, 3, long.MaxValue);

        long After() => random.Pick("after", 0L, 0, 2, long.MaxValue);

        Tensor Integers(long low, long high) => tensor((long[])[.. Enumerable.Range(0, (int)batch).Select(_ => random.Random.NextInt64(low, high))]);
    }
}
