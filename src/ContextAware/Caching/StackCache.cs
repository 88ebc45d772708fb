using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>The caches of a stack of layers, which go through a sequence together.</summary>
public sealed class StackCache : IDisposable
{
    private readonly LayerCache[] layers;

    /// <summary>Makes empty caches for a number of layers.</summary>
    /// <param name="layers">How many.</param>
    /// <param name="make">Makes the cache of a layer's self-attention: <c>() => new GrowingCache()</c>, say.</param>
    /// <param name="cross">Whether the layers attend to a memory as well.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public StackCache(long layers, Func<KeyValueCache> make, bool cross = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentNullException.ThrowIfNull(make);
        this.layers = new LayerCache[layers];
        for (var layer = 0; layer < layers; layer++)
            this.layers[layer] = new(make(), cross ? new CrossAttentionCache() : null);
    }

    /// <summary>How many layers there are.</summary>
    public int Count => layers.Length;

    /// <summary>The number of positions that have gone by: where the next one stands.</summary>
    public long Length => layers[0].Self.Length;

    /// <summary>The caches of one layer.</summary>
    public LayerCache this[int layer] => layers[layer];

    /// <inheritdoc cref="KeyValueCache.Positions"/>
    public Tensor? Positions(long queryLength) => layers[0].Self.Positions(queryLength);

    /// <summary>Forgets everything, the memory too; what was allocated is kept for the next sequence.</summary>
    public void Reset() => All(cache => cache.Reset());

    /// <summary>Forgets the positions from <paramref name="length"/> on, in every layer.</summary>
    /// <inheritdoc cref="KeyValueCache.Truncate"/>
    public void Truncate(long length)
    {
        All(cache => cache.CheckTruncate(length));
        All(cache => cache.Truncate(length));
    }

    /// <summary>Makes row b what row rows[b] was, in every layer, as when beams are chosen.</summary>
    /// <inheritdoc cref="KeyValueCache.Reorder"/>
    public void Reorder(Tensor rows)
    {
        All(cache => cache.CheckReorder(rows));
        All(cache => cache.Reorder(rows));
    }

    /// <summary>Makes row b what row rows[b] was in self-attention only: where beams change places within a source of their own.</summary>
    /// <inheritdoc cref="KeyValueCache.Reorder"/>
    public void ReorderTargets(Tensor rows)
    {
        foreach (var layer in layers)
            layer.Self.CheckReorder(rows);
        foreach (var layer in layers)
            layer.Self.Reorder(rows);
    }

    /// <summary>Frees the memory of all layers.</summary>
    public void Dispose() => All(cache => cache.Dispose());

    private void All(Action<KeyValueCache> action)
    {
        foreach (var (self, cross) in layers)
        {
            action(self);
            if (cross is not null)
                action(cross);
        }
    }
}
