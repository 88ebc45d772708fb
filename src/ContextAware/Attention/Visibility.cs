using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What some queries see.</summary>
/// <param name="KeyStart">The first key that any of them sees.</param>
/// <param name="KeyCount">The number of keys from there that are worth looking at.</param>
/// <param name="Hidden">True where a key is hidden, split as <see cref="Grouping"/> does; null: none is.</param>
/// <param name="Empty">True for queries that see nothing, with a last size of 1; null: there are none.</param>
internal readonly record struct VisibleKeys(long KeyStart, long KeyCount, Tensor? Hidden, Tensor? Empty)
{
    /// <summary>Zeros for queries that see nothing: 0·NaN would reach the gradient of the keys.</summary>
    internal Tensor Clean(Tensor queries) => Empty is null ? queries : queries.masked_fill(Empty, 0);
}

/// <summary>A mask at work: resolved once, in blocks of queries where the path goes by blocks.</summary>
internal sealed class Visibility
{
    private readonly AttentionMask mask;
    private readonly Tensor? hidingBias;
    private readonly MaskRegion whole;
    private readonly Grouping grouping;

    /// <param name="mask">A mask that fits the sizes.</param>
    /// <param name="hidingBias">[B or 1, H or 1, T or 1, S or 1]; given if it holds −∞, which hides too.</param>
    /// <param name="sizes">The sizes of the call.</param>
    /// <param name="device">Where to make the mask.</param>
    internal Visibility(AttentionMask mask, Tensor? hidingBias, in AttentionSizes sizes, Device device)
    {
        (this.mask, this.hidingBias) = (mask, hidingBias);
        grouping = new(sizes);
        whole = MaskRegion.Whole(sizes.Batch, sizes.Heads, sizes.QueryLength, sizes.KeyLength, device);
    }

    /// <summary>Whether every query is known to see every key.</summary>
    internal bool ShowsAll => hidingBias is null && mask.ShowsAll(whole);

    /// <summary>Whether this is the triangle of a square matrix, and nothing else.</summary>
    internal bool IsTriangle =>
        hidingBias is null && whole.QueryLength == whole.KeyLength && mask is CausalMask causal && causal.StartsInCorner(whole.QueryLength, whole.KeyLength);

    /// <summary>Whether blocks of queries need only a part of the keys.</summary>
    internal bool NarrowsKeys => mask.NarrowsKeys;

    /// <summary>Throws if the mask doesn't fit.</summary>
    internal void Check() => mask.Check(whole);

    /// <summary>What all queries see, with all keys.</summary>
    internal VisibleKeys All() => Of(whole);

    /// <summary>What a block of queries sees.</summary>
    internal VisibleKeys Of(long queryStart, long queryCount)
    {
        var region = whole with { QueryStart = queryStart, QueryCount = queryCount };
        var (start, end) = mask.VisibleKeys(region);
        if (start == end)
            (start, end) = (0, 1);      // one key, hidden from all: no key at all would be a case of its own everywhere
        return Of(region with { KeyStart = start, KeyCount = end - start });
    }

    /// <summary>True where a query of the block may attend: [B or 1, H or 1, queries or 1, S or 1], or null for everywhere.</summary>
    internal Tensor? Allowed(long queryStart, long queryCount) => Allowed(whole with { QueryStart = queryStart, QueryCount = queryCount });

    private Tensor? Allowed(in MaskRegion region)
    {
        var allowed = mask.Build(region);
        if (hidingBias is null)
            return allowed;
        var finite = region.Keys(region.Queries(hidingBias.detach(), 2), 3).ne(double.NegativeInfinity);
        return allowed is null ? finite : finite.logical_and(allowed);
    }

    private VisibleKeys Of(in MaskRegion region)
    {
        if (Allowed(region) is not { } allowed)
            return new(region.KeyStart, region.KeyCount, null, null);
        var split = grouping.Split(allowed);
        return new(region.KeyStart, region.KeyCount, split.logical_not(), Empty(split));
    }

    private Tensor? Empty(Tensor allowed)
    {
        if (hidingBias is null && !mask.MayHideAll(whole.QueryLength, whole.KeyLength))
            return null;
        var empty = allowed.any(-1, keepdim: true).logical_not();
        return DataLook.MayBeTrue(empty.any()) ? empty : null;
    }
}
