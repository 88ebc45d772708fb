using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The sizes of one call, read from the tensors once and checked.</summary>
/// <param name="Batch">B.</param>
/// <param name="Steps">T; 1 for a single step.</param>
/// <param name="Keys">S.</param>
/// <param name="IsStep">Whether the query came as <c>[B,Dq]</c>.</param>
/// <param name="Type">The dtype of query and keys.</param>
internal readonly record struct ScoreShape(long Batch, long Steps, long Keys, bool IsStep, ScalarType Type)
{
    /// <summary>Checks a query against keys that are ready to be scored.</summary>
    /// <param name="query"><c>[B,T,Dq]</c> or <c>[B,Dq]</c>.</param>
    /// <param name="projectedKey"><c>[B,S,keyWidth]</c>.</param>
    /// <param name="queryWidth">Dq; null means: as wide as the key.</param>
    /// <param name="keyWidth">The width of a projected key; null means any.</param>
    public static ScoreShape Of(Tensor query, Tensor projectedKey, long? queryWidth, long? keyWidth)
    {
        ArgumentNullException.ThrowIfNull(query);
        var key = CheckKey(projectedKey, keyWidth, name: nameof(projectedKey));
        var shape = query.shape;
        if (shape.Length is not (2 or 3))
            throw new ArgumentException($"Expected a query of shape [B,T,Dq] or [B,Dq], got {ShapeText.Compact(shape)}.", nameof(query));

        if (shape[0] != key[0])
        {
            throw new ArgumentException(
                $"Expected a query with the keys' batch size {key[0]}, got {shape[0]} (query {ShapeText.Compact(shape)}, keys {ShapeText.Compact(key)}).",
                nameof(query));
        }

        var width = queryWidth ?? key[2];
        if (shape[^1] != width)
            throw new ArgumentException($"Expected a query of width {width}, got {shape[^1]} (query {ShapeText.Compact(shape)}).", nameof(query));

        var type = CheckAlike("a query", query, "the keys", projectedKey, nameof(query));
        return new ScoreShape(key[0], shape.Length == 3 ? shape[1] : 1, key[1], shape.Length == 2, type);
    }

    /// <summary>Checks that keys are <c>[B,S,width]</c>, of the dtype and on the device of a parameter; returns their shape.</summary>
    public static long[] CheckKey(Tensor key, long? width = null, Tensor? parameter = null, string name = "key")
    {
        ArgumentNullException.ThrowIfNull(key, name);
        var shape = key.shape;
        if (shape.Length != 3)
            throw new ArgumentException($"Expected keys of shape [B,S,Dk], got {ShapeText.Compact(shape)}.", name);
        if (width is { } expected && shape[2] != expected)
            throw new ArgumentException($"Expected keys of width {expected}, got {shape[2]} (keys {ShapeText.Compact(shape)}).", name);
        if (parameter is not null)
            CheckAlike("keys", key, "the module", parameter, name);
        return shape;
    }

    /// <summary>Checks a size that must be positive.</summary>
    public static long Positive(long value, string name)
    {
        if (value <= 0)
            throw new ArgumentOutOfRangeException(name, value, $"Expected a positive number, got {value}.");

        return value;
    }

    /// <summary>Checks that two tensors have one dtype and one device; returns the dtype.</summary>
    public static ScalarType CheckAlike(string what, Tensor tensor, string standard, Tensor like, string name)
    {
        var (dtype, expected) = (tensor.dtype, like.dtype);
        if (dtype != expected)
            throw new ArgumentException($"Expected {what} of the same dtype as {standard}, {expected}; got {dtype}.", name);
        var device = tensor.device_type;
        if (device != like.device_type || (device != DeviceType.CPU && tensor.device_index != like.device_index))
            throw new ArgumentException($"Expected {what} on the same device as {standard}, {like.device}; got {tensor.device}.", name);
        return dtype;
    }
}
