using static TorchSharp.torch;

namespace ContextAware.Caching;

internal static class CacheChecks
{
    /// <summary>T of a key [B, G, T, E] and a value [B, G, T, V]. Sizes are read one by one: a whole shape costs ten times as much.</summary>
    internal static long Steps(Tensor key, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        if (key.ndim != 4)
            throw new ArgumentException($"Expected [B, G, T, E], got {ShapeText.Of(key)}.", nameof(key));
        var steps = key.size(2);
        if (value.ndim != 4 || value.size(0) != key.size(0) || value.size(1) != key.size(1) || value.size(2) != steps)
            throw new ArgumentException($"Expected [{key.size(0)}, {key.size(1)}, {steps}, V] as of the key, got {ShapeText.Of(value)}.", nameof(value));
        if (value.dtype != key.dtype)
            throw new ArgumentException($"Expected the key's type {key.dtype}, got {value.dtype}.", nameof(value));
        return steps;
    }

    /// <summary>The rows to reorder by must be int64 [B'].</summary>
    internal static void Rows(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.ndim != 1 || rows.dtype != ScalarType.Int64)
            throw new ArgumentException($"Expected Int64 [B'], got {rows.dtype} {ShapeText.Of(rows)}.", nameof(rows));
    }

    internal static void Length(long length, long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, most);
    }
}
