using static TorchSharp.torch;

namespace ContextAware.Concurrency;

/// <summary>Some rows of a batch, side by side.</summary>
/// <param name="First">The number of its first row.</param>
/// <param name="Count">How many rows.</param>
public readonly record struct BatchPart(long First, long Count)
{
    /// <summary>The part of something that has a row for each of the batch: inputs, lengths, a mask's tensor.</summary>
    /// <param name="batch">[B, ...].</param>
    /// <returns>[Count, ...], a view in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">There are fewer rows.</exception>
    public Tensor Of(Tensor batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Dimensions == 0 || batch.size(0) < First + Count)
            throw new ArgumentException($"Expected at least {First + Count} rows, got {(batch.Dimensions == 0 ? "a scalar" : batch.size(0))}.", nameof(batch));
        return batch.narrow(0, First, Count);
    }
}
