using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>Keeps the keys and values of earlier steps, so that a decoding step projects only what is new.</summary>
/// <remarks>
/// Shapes: B batch, G key-value heads (grouped heads are kept once), T new positions, S all positions, E and V widths.
/// Where no gradient is needed, new steps are written in place; where one is, every step makes new tensors. One thread at
/// a time.
/// </remarks>
public abstract class KeyValueCache : IDisposable
{
    /// <summary>The number of positions that have gone by: where the next query stands.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Keys and values of a source that is complete, as in cross-attention: then nothing is projected or appended any
    /// more, [B, G, S, E] and [B, G, S, V]. Null for a cache that grows.
    /// </summary>
    public virtual (Tensor Key, Tensor Value)? Source => null;

    /// <summary>Takes in the keys and values of new positions and returns all that there are to attend to.</summary>
    /// <param name="key">[B, G, T, E].</param>
    /// <param name="value">[B, G, T, V].</param>
    /// <returns>
    /// [B, G, S, E] and [B, G, S, V], with the new positions at the end, or at the end of each row where rows have different
    /// lengths. They are views of the cache's memory: valid until the next call, and disposed with the caller's scope.
    /// </returns>
    /// <exception cref="ArgumentException">The sizes or types do not fit each other, or what was appended before.</exception>
    public abstract (Tensor Key, Tensor Value) Append(Tensor key, Tensor value);

    /// <summary>What <see cref="Append"/> does, where a backward pass may need the keys and values though they have no gradients themselves.</summary>
    /// <param name="key">[B, G, T, E].</param>
    /// <param name="value">[B, G, T, V].</param>
    /// <param name="isRecorded">Whether something else that the attention reads has gradients.</param>
    internal virtual (Tensor Key, Tensor Value) Take(Tensor key, Tensor value, bool isRecorded) => Append(key, value);

    /// <summary>How many keys there are for the next T queries, the new ones included: S of the next <see cref="Append"/>.</summary>
    /// <param name="queryLength">T.</param>
    public virtual long KeyLength(long queryLength) => Length + queryLength;

    /// <summary>The positions of the next T queries, where rows have different lengths.</summary>
    /// <param name="queryLength">T, of the <see cref="Append"/> that comes next.</param>
    /// <returns>int64 [B, T]; null where they are those from <see cref="Length"/> on in every row.</returns>
    public virtual Tensor? Positions(long queryLength) => null;

    /// <summary>
    /// What the cache itself hides from the next T queries, besides the attention's own mask: keys of rows that
    /// are shorter than the longest, or keys outside of a window. <c>MultiHeadAttention</c> combines the two. <see cref="AttentionMask.None"/> where it hides nothing.
    /// </summary>
    /// <param name="queryLength">T, of the <see cref="Append"/> that comes next.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public virtual AttentionMask Mask(long queryLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queryLength);
        return AttentionMask.None;
    }

    /// <summary>The attention's own mask as it is over the keys of this cache, and what the cache itself hides.</summary>
    /// <param name="mask">Aligned to the end of the keys.</param>
    /// <param name="queryLength">T, of the <see cref="Append"/> that comes next.</param>
    internal virtual AttentionMask Combine(AttentionMask mask, long queryLength) =>
        Mask(queryLength) is { } hidden && hidden != AttentionMask.None ? mask & hidden : mask;

    /// <summary>Forgets everything; the memory is kept for the next sequence.</summary>
    public abstract void Reset();

    /// <summary>Forgets the positions from <paramref name="length"/> on, as after a rejected continuation.</summary>
    /// <param name="length">How many positions stay, from 0 to <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or above the length.</exception>
    public abstract void Truncate(long length);

    /// <summary>Makes row b what row rows[b] was, as when beams are chosen.</summary>
    /// <param name="rows">int64 [B'], each from 0 to B - 1; one may come several times.</param>
    /// <exception cref="ArgumentException">It is not of that type and shape.</exception>
    /// <exception cref="InvalidOperationException">B' is not B, and the memory is fixed.</exception>
    public abstract void Reorder(Tensor rows);

    /// <summary>Throws as <see cref="Truncate"/> would, and changes nothing.</summary>
    internal virtual void CheckTruncate(long length) => CacheChecks.Length(length, Length);

    /// <summary>Throws as <see cref="Reorder"/> would, and changes nothing.</summary>
    internal virtual void CheckReorder(Tensor rows) => CacheChecks.Rows(rows);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    /// <param name="disposing">False from a finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
