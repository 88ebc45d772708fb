using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The sizes of one call, read from the tensors once and checked.</summary>
/// <param name="Batch">B.</param>
/// <param name="Steps">T; 1 for a single step.</param>
/// <param name="Keys">S.</param>
/// <param name="IsStep">Whether the query came as <c>[B,Dq]</c>.</param>
internal readonly record struct ScoreShape(long Batch, long Steps, long Keys, bool IsStep)
{
    /// <summary>Checks a query against keys that are ready to be scored.</summary>
    /// <param name="query"><c>[B,T,Dq]</c> or <c>[B,Dq]</c>.</param>
    /// <param name="projectedKey"><c>[B,S,keyWidth]</c>.</param>
    /// <param name="queryWidth">Dq; null means: as wide as the key.</param>
    /// <param name="keyWidth">The width of a projected key; null means any.</param>
    public static ScoreShape Of(Tensor query, Tensor projectedKey, long? queryWidth, long? keyWidth)
    {
        ArgumentNullException.ThrowIfNull(query);
        var key = CheckKey(projectedKey, keyWidth, nameof(projectedKey));
        var shape = query.shape;
        if (shape.Length is not (2 or 3))
        {
            throw new ArgumentException($"Expected a query of shape [B,T,Dq] or [B,Dq], got {Show(shape)}.", nameof(query));
        }

        if (shape[0] != key[0])
        {
            throw new ArgumentException(
                $"Expected a query with the keys' batch size {key[0]}, got {shape[0]} (query {Show(shape)}, keys {Show(key)}).",
                nameof(query));
        }

        var width = queryWidth ?? key[2];
        if (shape[^1] != width)
        {
            throw new ArgumentException($"Expected a query of width {width}, got {shape[^1]} (query {Show(shape)}).", nameof(query));
        }

        CheckAlike(query, projectedKey);
        return new ScoreShape(key[0], shape.Length == 3 ? shape[1] : 1, key[1], shape.Length == 2);
    }

    /// <summary>Checks that keys are <c>[B,S,width]</c> and returns their shape.</summary>
    public static long[] CheckKey(Tensor key, long? width = null, string name = "key")
    {
        ArgumentNullException.ThrowIfNull(key, name);
        var shape = key.shape;
        if (shape.Length != 3)
        {
            throw new ArgumentException($"Expected keys of shape [B,S,Dk], got {Show(shape)}.", name);
        }

        if (width is { } expected && shape[2] != expected)
        {
            throw new ArgumentException($"Expected keys of width {expected}, got {shape[2]} (keys {Show(shape)}).", name);
        }

        return shape;
    }

    /// <summary>Checks a size that must be positive.</summary>
    public static long Positive(long value, string name)
    {
        if (value <= 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Expected a positive number, got {value}.");
        }

        return value;
    }

    private static void CheckAlike(Tensor query, Tensor projectedKey)
    {
        if (query.dtype != projectedKey.dtype)
        {
            throw new ArgumentException(
                $"Expected a query of the keys' dtype {projectedKey.dtype}, got {query.dtype}.", nameof(query));
        }

        var device = query.device_type;
        if (device != projectedKey.device_type
            || (device != DeviceType.CPU && query.device_index != projectedKey.device_index))
        {
            throw new ArgumentException(
                $"Expected a query on the keys' device {projectedKey.device}, got {query.device}.", nameof(query));
        }
    }

    private static string Show(long[] shape) => $"[{string.Join(',', shape)}]";
}
