using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>
/// Says which queries may attend to which keys. True always means <em>may attend</em>.
/// </summary>
/// <remarks>
/// A mask is immutable and symbolic: it costs nothing until a forward asks for it, and then it is made for the sizes,
/// the device and (in long inputs) the block of queries at hand. Shapes: B batch, H heads, T query length, S key length.
/// <para>Masks about positions are aligned to the end of the keys: query t stands at key position t + S − T, so that
/// a decoding step with a cache sees the past. A tensor given to a mask is neither copied nor disposed: keep it alive
/// as long as the mask, and don't write to it.</para>
/// </remarks>
public abstract class AttentionMask
{
    private protected AttentionMask()
    {
    }

    /// <summary>Every query may attend to every key.</summary>
    public static AttentionMask None { get; } = new NoMask();

    /// <summary>A query sees its own position and the past: s ≤ t + S − T.</summary>
    public static AttentionMask Causal { get; } = new CausalMask(null);

    /// <summary>A causal mask whose first query stands at key position <paramref name="offset"/>: s ≤ t + offset.</summary>
    /// <param name="offset">0 aligns the diagonal to the start of the keys, whatever their number.</param>
    public static AttentionMask CausalFrom(long offset) => new CausalMask(offset);

    /// <summary>A causal mask with an offset for each batch: s ≤ t + offsets[b], for caches filled unevenly.</summary>
    /// <param name="offsets">Integers [B]: the key position of the first query.</param>
    /// <exception cref="ArgumentException">The tensor is not of integers or not one-dimensional.</exception>
    public static AttentionMask CausalFrom(Tensor offsets) => new UnevenCausalMask(offsets);

    /// <summary>A query at position p sees the keys from p − before to p + after, both included.</summary>
    /// <param name="before">How many keys of the past; not negative.</param>
    /// <param name="after">How many keys of the future; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is negative.</exception>
    public static AttentionMask SlidingWindow(long before, long after = 0) => new WindowMask(null, before, after);

    /// <summary>A sliding window whose first query stands at key position <paramref name="offset"/>.</summary>
    /// <param name="offset">0 aligns the diagonal to the start of the keys, whatever their number.</param>
    /// <param name="before">How many keys of the past; not negative.</param>
    /// <param name="after">How many keys of the future; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="before"/> or <paramref name="after"/> is negative.</exception>
    public static AttentionMask SlidingWindowFrom(long offset, long before, long after = 0) => new WindowMask(offset, before, after);

    /// <summary>A sliding window with an offset for each batch, for caches filled unevenly.</summary>
    /// <param name="offsets">Integers [B]: the key position of the first query.</param>
    /// <param name="before">How many keys of the past; not negative.</param>
    /// <param name="after">How many keys of the future; not negative.</param>
    /// <exception cref="ArgumentException">The tensor is not of integers or not one-dimensional.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="before"/> or <paramref name="after"/> is negative.</exception>
    public static AttentionMask SlidingWindowFrom(Tensor offsets, long before, long after = 0) => new UnevenWindowMask(offsets, before, after);

    /// <summary>Positions are cut into blocks of one size; a query sees the keys of its own block.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is not positive.</exception>
    public static AttentionMask Blocks(long size) => new BlockMask(size);

    /// <summary>A query sees the keys of its own document, for sequences packed of several.</summary>
    /// <param name="queryIds">Document of each query, integers [B, T]; a batch of 1 serves all.</param>
    /// <param name="keyIds">Document of each key, integers [B, S].</param>
    /// <exception cref="ArgumentException">A tensor is not of integers or not two-dimensional.</exception>
    public static AttentionMask Documents(Tensor queryIds, Tensor keyIds) => new DocumentMask(queryIds, keyIds);

    /// <summary>Key s of batch b is visible if s &lt; lengths[b].</summary>
    /// <param name="lengths">Integers [B].</param>
    /// <exception cref="ArgumentException">The tensor is not of integers or not one-dimensional.</exception>
    public static AttentionMask FromLengths(Tensor lengths) => new LengthMask(lengths);

    /// <summary>Key s of batch b is visible if s &lt; lengths[b].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative.</exception>
    public static AttentionMask FromLengths(params ReadOnlySpan<long> lengths) => new LengthMask(lengths.ToArray());

    /// <summary>Hides padded keys.</summary>
    /// <param name="padding">[B, S], bool or numbers (0 is false).</param>
    /// <param name="meaning">What true marks.</param>
    /// <exception cref="ArgumentException">The tensor is not two-dimensional.</exception>
    public static AttentionMask FromKeyPadding(Tensor padding, PaddingMeaning meaning) => new PaddingMask(padding, meaning);

    /// <summary>An arbitrary mask: true may attend.</summary>
    /// <param name="allowed">Bool [T, S], [B, T, S] or [B, H, T, S]; a size of 1 serves all.</param>
    /// <exception cref="ArgumentException">The tensor is not bool or has another number of dimensions.</exception>
    public static AttentionMask FromBoolean(Tensor allowed) => new BooleanMask(allowed);

    /// <summary>What both masks allow.</summary>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    public static AttentionMask operator &(AttentionMask left, AttentionMask right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return CombinedMask.Of(left, right);
    }

    /// <summary>What both masks allow.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    public AttentionMask And(AttentionMask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this & other;
    }

    /// <summary>Makes the mask for these sizes: bool [B or 1, H or 1, T or 1, S or 1], or null if everything is visible.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    /// <exception cref="ArgumentException">The mask was made from a tensor that doesn't fit these sizes.</exception>
    public Tensor? ToTensor(long batch, long heads, long queryLength, long keyLength, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var region = MaskRegion.Whole(batch, heads, queryLength, keyLength, device);
        Check(region);
        using var scope = NewDisposeScope();
        return Build(region)?.alias().MoveToOuterDisposeScope();
    }

    /// <summary>Draws a small picture of the mask, a row for each query: <c>#</c> may attend, <c>.</c> may not.</summary>
    public override string ToString()
    {
        var known = KnownSize;
        var keys = known.KeyLength == MaskSize.Any ? LikelyKeys : known.KeyLength;
        return ToString(known.QueryLength == MaskSize.Any ? keys : known.QueryLength, keys);
    }

    /// <summary>Draws the mask for these lengths, a row for each query: <c>#</c> may attend, <c>.</c> may not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative.</exception>
    /// <exception cref="ArgumentException">The mask was made from a tensor that doesn't fit these lengths.</exception>
    public string ToString(long queryLength, long keyLength) =>
        MaskDrawing.Draw(this, KnownSize with { QueryLength = queryLength, KeyLength = keyLength });

    /// <summary>What the picture is headed with.</summary>
    internal abstract string Name { get; }

    /// <summary>The sizes of the tensors inside; 1 where one size serves all.</summary>
    internal virtual MaskSize KnownSize => new(1, 1, MaskSize.Any, MaskSize.Any);

    /// <summary>How many keys to draw where their number isn't known.</summary>
    internal virtual long LikelyKeys => 6;

    /// <summary>The tensors inside, for autograd to keep until the backward pass.</summary>
    internal virtual IEnumerable<Tensor> Tensors => [];

    /// <summary>The same mask over the same tensors held by other handles, in the order of <see cref="Tensors"/>.</summary>
    internal virtual AttentionMask Over(Queue<Tensor> tensors) => this;

    /// <summary>The same mask where the first query of batch b stands at key position offsets[b] instead of at the end of the keys.</summary>
    /// <param name="offsets">int64 [B].</param>
    internal virtual AttentionMask StandingAt(Tensor offsets) => this;

    /// <summary>The same mask over keys of which the first ones are not there any more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="keyLength">S, with these: a tensor that has a place for each of them loses the first places too.</param>
    internal virtual AttentionMask WithoutFirst(long count, long keyLength) => this;

    /// <summary>Throws if a tensor inside doesn't fit.</summary>
    internal virtual void Check(in MaskRegion region)
    {
    }

    /// <summary>Bool, broadcastable to [B, H, region's queries, region's keys] with four dimensions; null: all visible.</summary>
    internal abstract Tensor? Build(in MaskRegion region);

    /// <summary>Keys outside of this range are hidden from all queries of the region: lets blocks skip them.</summary>
    internal virtual (long Start, long End) VisibleKeys(in MaskRegion region) => (0, region.KeyLength);

    /// <summary>Whether blocks of queries need only a part of the keys, so that cutting the queries saves work.</summary>
    internal virtual bool NarrowsKeys => false;

    /// <summary>Whether nothing at all is hidden, as far as that can be told for free.</summary>
    internal virtual bool ShowsAll(in MaskRegion whole) => false;

    /// <summary>True if each query is known to see its own position, wherever that is one of the keys.</summary>
    internal virtual bool SeesOwnPosition => false;

    /// <summary>Whether a query may be left with nothing to attend to.</summary>
    internal virtual bool MayHideAll(long queryLength, long keyLength) =>
        keyLength == 0 || !SeesOwnPosition || queryLength > keyLength;
}
