using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>The keys and values of a source, as of an encoder: projected at the first step, and only read afterwards.</summary>
public sealed class CrossAttentionCache : KeyValueCache
{
    private Tensor? keys;
    private Tensor? values;

    /// <summary>S, the length of the source; 0 before it is there. Queries do not stand in it.</summary>
    public override long Length => keys?.size(2) ?? 0;

    /// <inheritdoc/>
    public override (Tensor Key, Tensor Value)? Source => keys is not null && values is not null ? (keys, values) : null;

    /// <inheritdoc/>
    public override long KeyLength(long queryLength) => keys is null ? queryLength : Length;

    /// <summary>Takes in the source, once. Keys and values that lie side by side are not copied: they must stay as they are.</summary>
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The source is there already.</exception>
    public override (Tensor Key, Tensor Value) Append(Tensor key, Tensor value)
    {
        CacheChecks.Steps(key, value);
        if (keys is not null)
            throw new InvalidOperationException("The source is there already; Reset comes before another one.");
        using var scope = NewDisposeScope();
        Keep(key.contiguous().alias(), value.contiguous().alias());
        return (keys!.alias().MoveToOuterDisposeScope(), values!.alias().MoveToOuterDisposeScope());
    }

    /// <summary>Forgets the source.</summary>
    public override void Reset()
    {
        keys?.Dispose();
        values?.Dispose();
        (keys, values) = (null, null);
    }

    /// <summary>Does nothing: what is taken back is a target's continuation, and the source stays.</summary>
    /// <param name="length">Of the target.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public override void Truncate(long length) => CheckTruncate(length);

    internal override void CheckTruncate(long length) => ArgumentOutOfRangeException.ThrowIfNegative(length);

    /// <inheritdoc/>
    public override void Reorder(Tensor rows)
    {
        CheckReorder(rows);
        if (keys is null || values is null)
            return;
        using var scope = NewDisposeScope();
        var (newKeys, newValues) = (keys.index_select(0, rows), values.index_select(0, rows));
        Reset();
        Keep(newKeys, newValues);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Reset();
    }

    private void Keep(Tensor newKeys, Tensor newValues) =>
        (keys, values) = (newKeys.DetachFromDisposeScope(), newValues.DetachFromDisposeScope());
}
