using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels;

/// <summary>
/// Padding at the start of the rows of a batch, so that texts of unequal lengths end together and go on side by side. Made once
/// for a batch: its mask and positions for any step are views of, or sums with, what is kept here.
/// </summary>
/// <remarks>Its tensors belong to it and not to a dispose scope: dispose it.</remarks>
public sealed class LeftPadding : IDisposable
{
    private Tensor isPadding;       // [B, C] bool
    private Tensor counts;          // [B, 1] int64
    private long[] rows;

    /// <summary>Takes how many positions of each row are padding.</summary>
    /// <param name="counts">[B], each from 0 to less than C.</param>
    /// <param name="capacity">C: the most positions that a row will have, padding included.</param>
    /// <param name="device">Where the model is; the CPU if null.</param>
    /// <exception cref="ArgumentException">There is no row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative or not below the capacity.</exception>
    public LeftPadding(ReadOnlySpan<long> counts, long capacity, Device? device = null)
    {
        if (counts.IsEmpty) throw new ArgumentException("Expected at least one row, got none.", nameof(counts));
        foreach (var count in counts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(counts));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count, capacity, nameof(counts));
        }

        Capacity = capacity;
        rows = counts.ToArray();
        using var scope = NewDisposeScope();
        using var ordinary = inference_mode(false);
        this.counts = tensor(rows, [rows.Length, 1], device: device).DetachFromDisposeScope();
        isPadding = arange(capacity, int64, device).lt(this.counts).DetachFromDisposeScope();
    }

    /// <summary>C: the most positions that a row will have.</summary>
    public long Capacity { get; }

    /// <summary>B.</summary>
    internal long RowCount => rows.Length;

    /// <summary>The padding of the row that has the least.</summary>
    internal long Least => rows.Min();

    /// <summary>The mask over the first S positions as keys, causal; its tensor goes with the current dispose scope.</summary>
    /// <param name="length">S, at most C.</param>
    internal AttentionMask Mask(long length) =>
        AttentionMask.FromKeyPadding(isPadding.narrow(1, 0, length), PaddingMeaning.TrueIsPadding) & AttentionMask.Causal;

    /// <summary>The position of each token within its own text; 0 for padding.</summary>
    /// <param name="offset">How many positions came before.</param>
    /// <param name="length">T.</param>
    /// <returns>[B, T] int64.</returns>
    internal Tensor Ids(long offset, long length)
    {
        using var scope = NewDisposeScope();
        return arange(offset, offset + length, int64, counts.device).sub(counts).clamp_min(0).MoveToOuterDisposeScope();
    }

    /// <summary>Makes row b what row from[b] was.</summary>
    internal void Reorder(long[] from)
    {
        using var scope = NewDisposeScope();
        using var index = tensor(from, device: counts.device);
        var (newPadding, newCounts) = (isPadding.index_select(0, index), counts.index_select(0, index));
        rows = Array.ConvertAll(from, row => rows[row]);
        Dispose();
        (isPadding, counts) = (newPadding.DetachFromDisposeScope(), newCounts.DetachFromDisposeScope());
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        isPadding.Dispose();
        counts.Dispose();
    }
}
