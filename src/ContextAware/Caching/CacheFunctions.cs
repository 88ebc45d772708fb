using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>Writing into caches whose rows stand at positions of their own.</summary>
public static class CacheFunctions
{
    /// <summary>
    /// A copy of a cache with updates written at a position of each row: out[b, :, at[b] + t, :] = update[b, :, t, :]. This is
    /// ONNX's TensorScatter (opset 24) along the second-last dimension.
    /// </summary>
    /// <param name="cache">[B, G, C, E].</param>
    /// <param name="update">[B, G, T, E].</param>
    /// <param name="at">int64 [B], none negative. Without <paramref name="circular"/> at[b] + T may not be above C: libtorch refuses it.</param>
    /// <param name="circular">Whether positions go on at 0 after C - 1.</param>
    /// <returns>[B, G, C, E].</returns>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public static Tensor Scatter(Tensor cache, Tensor update, Tensor at, bool circular = false)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(at);
        if (cache.ndim != 4)
            throw new ArgumentException($"Expected [B, G, C, E], got {ShapeText.Of(cache)}.", nameof(cache));
        if (update.ndim != 4 || update.size(0) != cache.size(0) || update.size(1) != cache.size(1) || update.size(3) != cache.size(3) || update.size(2) > cache.size(2))
            throw new ArgumentException($"Expected updates of up to {cache.size(2)} positions for a cache {ShapeText.Of(cache)}, got {ShapeText.Of(update)}.", nameof(update));
        if (at.ndim != 1 || at.size(0) != cache.size(0) || at.dtype != ScalarType.Int64)
            throw new ArgumentException($"Expected Int64 [{cache.size(0)}], got {at.dtype} {ShapeText.Of(at)}.", nameof(at));
        using var scope = NewDisposeScope();
        var index = Positions(update, at);
        if (circular)
            index = index.remainder(cache.size(2));
        return cache.scatter(2, index.expand(update.shape), update).MoveToOuterDisposeScope();
    }

    /// <summary>The same in place, for sizes that are known to fit.</summary>
    internal static void Scatter_(Tensor cache, Tensor update, Tensor at)
    {
        using var scope = NewDisposeScope();
        cache.scatter_(2, Positions(update, at).expand(update.shape), update);
    }

    // at[b] + t, [B, 1, T, 1]
    private static Tensor Positions(Tensor update, Tensor at) =>
        at.view(-1, 1, 1, 1) + arange(update.size(2), ScalarType.Int64, at.device).view(1, 1, -1, 1);
}
