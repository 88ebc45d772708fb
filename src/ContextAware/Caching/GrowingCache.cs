namespace ContextAware.Caching;

/// <summary>A cache without a limit, which doubles its memory when it is full: appending costs the same on average at any length.</summary>
public sealed class GrowingCache : ContiguousCache
{
    private readonly long initialCapacity;

    /// <summary>Makes an empty cache. Memory is taken at the first append.</summary>
    /// <param name="initialCapacity">For how many positions there is room at first.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public GrowingCache(long initialCapacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initialCapacity);
        this.initialCapacity = initialCapacity;
    }

    private protected override void CheckRoom(long needed)
    {
    }

    private protected override void CheckResize(long batch)
    {
    }

    private protected override long NewCapacity(long needed) => Math.Max(needed, Math.Max(initialCapacity, 2 * Capacity));
}
