using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>
/// A cache of the last W positions, for attention within a sliding window: its memory and the cost of a step do not grow
/// with the sequence.
/// </summary>
/// <remarks>
/// The keys stay in order, so that masks and relative positions mean what they mean without a cache. Memory is taken for
/// 2·W positions; when its end is reached, the last W - 1 move to the front, once in W steps. Several steps at once return
/// more than W keys, because the first of them sees further back: <see cref="Mask"/> gives each its own window.
/// </remarks>
public sealed class SlidingWindowCache : KeyValueCache
{
    private readonly CacheBuffer buffer = new();
    private readonly long window;
    private long start;
    private long end;
    private long length;

    /// <summary>Makes an empty cache. Memory is taken at the first append.</summary>
    /// <param name="window">W: a query sees its own position and the W - 1 before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public SlidingWindowCache(long window)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        this.window = window;
    }

    /// <inheritdoc/>
    public override long Length => length;

    /// <summary>W: a query sees its own position and the W - 1 before it.</summary>
    public long Window => window;

    /// <inheritdoc/>
    public override (Tensor Key, Tensor Value) Append(Tensor key, Tensor value) => Take(key, value, isRecorded: false);

    internal override (Tensor Key, Tensor Value) Take(Tensor key, Tensor value, bool isRecorded)
    {
        var steps = CacheChecks.Steps(key, value);
        if (length == 0 && !buffer.Suits(key, value))
            buffer.Dispose();
        buffer.Check(key, value);
        var past = Math.Min(end - start, window - 1);
        var result = isRecorded || buffer.NeedsGraph(key, value) || past + steps > 2 * window ? Join(key, value, past)
            : Write(key, value, past, steps);
        length += steps;
        return result;
    }

    /// <inheritdoc/>
    public override long KeyLength(long queryLength) => Math.Min(end - start, window - 1) + queryLength;

    /// <inheritdoc/>
    public override AttentionMask Mask(long queryLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queryLength);
        return queryLength == 1 ? AttentionMask.None : AttentionMask.SlidingWindow(window - 1);
    }

    internal override AttentionMask Combine(AttentionMask mask, long queryLength)
    {
        var all = length + queryLength;
        var gone = all - KeyLength(queryLength);
        return base.Combine(gone == 0 ? mask : mask.WithoutFirst(gone, all), queryLength);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        (start, end, length) = (0, 0, 0);
        if (!buffer.IsWritable)
            buffer.Dispose();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The window before <paramref name="length"/> has been given up already.</exception>
    public override void Truncate(long length)
    {
        CheckTruncate(length);
        end -= this.length - length;
        this.length = length;
    }

    internal override void CheckTruncate(long length)
    {
        base.CheckTruncate(length);
        var left = end - start - (this.length - length);
        if (left < Math.Min(length, window - 1))
            throw new InvalidOperationException($"Of the {Math.Min(length, window - 1)} positions before {length} that its window needs, only {Math.Max(left, 0)} are left.");
    }

    /// <inheritdoc/>
    public override void Reorder(Tensor rows)
    {
        CheckReorder(rows);
        buffer.Reorder(rows, start, end - start);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        (start, end, length) = (0, 0, 0);
        buffer.Dispose();
    }

    private (Tensor Key, Tensor Value) Write(Tensor key, Tensor value, long past, long steps)
    {
        if (!buffer.IsWritable)
            Allocate(key, value, past);
        else if (end + steps > buffer.Capacity)
        {
            buffer.MoveToFront(end - past, past);
            (start, end) = (0, past);
        }
        buffer.Write(end, key, value, steps);
        end += steps;
        return buffer.View(end - steps - past, past + steps);
    }

    // New tensors: where gradients flow, and for more steps than the memory holds.
    private (Tensor Key, Tensor Value) Join(Tensor key, Tensor value, long past)
    {
        using var scope = NewDisposeScope();
        var (allKeys, allValues) = (key, value);
        if (past > 0)
        {
            var (oldKey, oldValue) = buffer.View(end - past, past);
            (allKeys, allValues) = (cat([oldKey, key], 2), cat([oldValue, value], 2));
        }
        var total = allKeys.size(2);
        var kept = Math.Min(total, window);
        buffer.Replace(Last(allKeys), Last(allValues), writable: false);
        (start, end) = (0, kept);
        return (allKeys.alias().MoveToOuterDisposeScope(), allValues.alias().MoveToOuterDisposeScope());

        // A copy, lest a window keep the memory of a whole prompt.
        Tensor Last(Tensor tensor) => tensor.narrow(2, total - kept, kept).clone();
    }

    private void Allocate(Tensor key, Tensor value, long past)
    {
        using var scope = NewDisposeScope();
        if (past == 0)
        {
            buffer.Allocate(key, value, 2 * window, 0);
        }
        else
        {
            using var noGradient = no_grad();
            var (oldKey, oldValue) = buffer.View(end - past, past);
            var (keptKey, keptValue) = (oldKey.clone(), oldValue.clone());
            buffer.Allocate(key, value, 2 * window, 0);
            buffer.Write(0, keptKey, keptValue, past);
        }
        (start, end) = (0, past);
    }
}
