namespace ContextAware.Models.Data;

/// <summary>How <see cref="BucketedBatches"/> cuts examples into batches.</summary>
public sealed record BucketingOptions
{
    /// <summary>The most examples in a batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// The most tokens in a batch, padding included: examples times the longest source or target, whichever is longer.
    /// Null sets no such limit. A single example that is longer makes a batch of its own.
    /// </summary>
    public int? TokenBudget { get; init; }

    /// <summary>
    /// How many batches' worth of shuffled examples are sorted by length at a time. More means less padding, and batches
    /// more alike within; null sorts all examples together.
    /// </summary>
    public int? PoolBatches { get; init; }

    /// <summary>
    /// How many parts each batch is cut into, of about the same size and length, which come one after the other: as many as are
    /// to be worked on side by side. What has too few examples comes last in the epoch, whole.
    /// </summary>
    public int Parts { get; init; } = 1;

    /// <summary>Where the order comes from: the same seed gives the same batches in the same order.</summary>
    public long Seed { get; init; } = 1;
}
