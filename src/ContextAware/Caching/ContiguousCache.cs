using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>A cache that keeps every position, in order, in memory with room for more.</summary>
/// <remarks>
/// The rows of a batch may have different lengths: after prompts that were padded at their ends,
/// <see cref="TruncateRows"/> cuts each row to its own, and later steps follow directly. Then
/// <see cref="KeyValueCache.Mask"/> hides what shorter rows lack, and <see cref="KeyValueCache.Positions"/> says where each row stands;
/// windows and blocks of the attention's own mask lie where the row stands.
/// </remarks>
public abstract class ContiguousCache : KeyValueCache
{
    private readonly CacheBuffer buffer = new();
    private long length;
    private long[]? rowLengths;
    private Tensor? rowTensor;

    private protected ContiguousCache()
    {
    }

    /// <inheritdoc/>
    public override long Length => length;

    /// <summary>The length of each row, [B], where they differ; null while all have <see cref="Length"/>.</summary>
    public IReadOnlyList<long>? RowLengths => rowLengths;

    /// <summary>For how many positions there is room now.</summary>
    public long Capacity => buffer.Capacity;

    /// <inheritdoc/>
    public override (Tensor Key, Tensor Value) Append(Tensor key, Tensor value) => Take(key, value, isRecorded: false);

    internal override (Tensor Key, Tensor Value) Take(Tensor key, Tensor value, bool isRecorded)
    {
        var steps = CacheChecks.Steps(key, value);
        if (length == 0 && !buffer.IsEmpty && !buffer.Suits(key, value))
            Remake(key, value);
        buffer.Check(key, value);
        var longer = length + steps;
        if (longer > buffer.Capacity || buffer.IsEmpty)
            CheckRoom(longer);
        if (isRecorded || buffer.NeedsGraph(key, value))
            Join(key, value);
        else
            Write(key, value, steps, longer);
        length = longer;
        AdvanceRows(steps);
        return buffer.View(0, length);
    }

    /// <inheritdoc/>
    public override AttentionMask Mask(long queryLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queryLength);
        if (rowLengths is null)
            return AttentionMask.None;
        return AttentionMask.FromLengths(Array.ConvertAll(rowLengths, row => row + queryLength));
    }

    internal override AttentionMask Combine(AttentionMask mask, long queryLength)
    {
        if (rowTensor is null || mask == AttentionMask.None)
            return base.Combine(mask, queryLength);
        // One query of each row hides no more of the row's keys than there are. A copy of where the rows stand, which the next append changes.
        var own = queryLength == 1 && mask == AttentionMask.Causal ? AttentionMask.None : mask.StandingAt(rowTensor.clone());
        return base.Combine(own, queryLength);
    }

    /// <inheritdoc/>
    public override Tensor? Positions(long queryLength)
    {
        if (rowTensor is null)
            return null;
        using var scope = NewDisposeScope();
        var steps = arange(queryLength, ScalarType.Int64, rowTensor.device);
        return rowTensor.unsqueeze(1).add(steps).MoveToOuterDisposeScope();                                             // [B, T]
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        length = 0;
        SetRows(null);
        if (!buffer.IsWritable)
            buffer.Dispose();
    }

    /// <inheritdoc/>
    public override void Truncate(long length)
    {
        CheckTruncate(length);
        this.length = length;
        SetRows(rowLengths is null ? null : Array.ConvertAll(rowLengths, row => Math.Min(row, length)));
    }

    /// <summary>Forgets, in each row b, the positions from lengths[b] on.</summary>
    /// <param name="lengths">[B], each from 0 to that row's length.</param>
    /// <exception cref="ArgumentException">There are not B lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One is negative or above its row's length.</exception>
    public void TruncateRows(params ReadOnlySpan<long> lengths)
    {
        if (lengths.Length != buffer.Batch)
            throw new ArgumentException($"Expected {buffer.Batch} lengths, got {lengths.Length}.", nameof(lengths));
        for (var row = 0; row < lengths.Length; row++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lengths[row], nameof(lengths));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(lengths[row], rowLengths?[row] ?? length, nameof(lengths));
        }
        SetRows(lengths.ToArray());
    }

    /// <inheritdoc/>
    public override void Reorder(Tensor rows)
    {
        CheckReorder(rows);
        if (rowLengths is not null)
        {
            using var there = rows.cpu();
            SetRows([.. there.data<long>().Select(row => rowLengths[row])]);
        }
        buffer.Reorder(rows, 0, length);
    }

    internal override void CheckReorder(Tensor rows)
    {
        base.CheckReorder(rows);
        if (rows.size(0) != buffer.Batch && !buffer.IsEmpty)
            CheckResize(rows.size(0));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        SetRows(null);
        length = 0;
        buffer.Dispose();
    }

    /// <summary>Throws if the cache may not hold this many positions.</summary>
    private protected abstract void CheckRoom(long needed);

    /// <summary>Throws if memory of other sizes may not be taken, for this batch.</summary>
    private protected abstract void CheckResize(long batch);

    /// <summary>For how many positions to take memory when this many are needed.</summary>
    private protected abstract long NewCapacity(long needed);

    // A cache that was reset may serve a batch of another size, and follows its model to another device or type.
    private void Remake(Tensor key, Tensor value)
    {
        if (!buffer.HasSizesOf(key, value))
            CheckResize(key.size(0));
        buffer.Dispose();
    }

    private void Write(Tensor key, Tensor value, long steps, long longer)
    {
        if (longer > buffer.Capacity || !buffer.IsWritable)
            buffer.Allocate(key, value, NewCapacity(longer), length);
        if (rowTensor is null)
            buffer.Write(length, key, value, steps);
        else
            buffer.Write(rowTensor, key, value);
    }

    // New tensors, so that what the backward pass needs of the old ones stays as it is.
    private void Join(Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        if (buffer.IsEmpty)
        {
            buffer.Replace(key.alias(), value.alias(), writable: false);
            return;
        }
        var (oldKey, oldValue) = buffer.View(0, length);
        var (newKey, newValue) = (cat([oldKey, key], 2), cat([oldValue, value], 2));
        if (rowTensor is not null)
        {
            newKey = CacheFunctions.Scatter(newKey, key, rowTensor);
            newValue = CacheFunctions.Scatter(newValue, value, rowTensor);
        }
        buffer.Replace(newKey, newValue, writable: false);
    }

    private void AdvanceRows(long steps)
    {
        if (rowLengths is null)
            return;
        rowLengths = Array.ConvertAll(rowLengths, row => row + steps);      // a new array: callers may have the old one
        rowTensor!.add_(steps);
    }

    private void SetRows(long[]? lengths)
    {
        rowTensor?.Dispose();
        (rowTensor, rowLengths) = (null, null);
        if (lengths is not { Length: > 0 })
            return;
        length = lengths.Max();
        if (lengths.All(row => row == length))
            return;
        rowLengths = lengths;
        using var ordinary = inference_mode(false);
        rowTensor = tensor(lengths, device: buffer.Device).DetachFromDisposeScope();
    }
}
