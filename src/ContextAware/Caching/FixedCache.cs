namespace ContextAware.Caching;

/// <summary>A cache for a known number of positions: memory is taken once, at the first append, and never again.</summary>
/// <remarks>Only a cache that was reset, and whose model has since moved to another device or type, takes its memory anew, there. Where gradients flow, every append makes new tensors all the same; the limit holds there too.</remarks>
public sealed class FixedCache : ContiguousCache
{
    private readonly long limit;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="capacity">How many positions it can hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public FixedCache(long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        limit = capacity;
    }

    private protected override void CheckRoom(long needed)
    {
        if (needed > limit)
            throw new InvalidOperationException($"The cache holds {limit} positions; {needed} are needed.");
    }

    private protected override void CheckResize(long batch) =>
        throw new InvalidOperationException($"A cache of fixed memory can't take other sizes, here for a batch of {batch}.");

    private protected override long NewCapacity(long needed) => limit;
}
