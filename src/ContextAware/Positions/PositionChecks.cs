using static TorchSharp.torch;

namespace ContextAware.Positions;

internal static class PositionChecks
{
    /// <summary>T of an input [..., T, D], whose D must be this width.</summary>
    internal static long Length(Tensor input, long width)
    {
        ArgumentNullException.ThrowIfNull(input);
        var shape = input.shape;
        return shape.Length >= 2 && shape[^1] == width
            ? shape[^2]
            : throw new ArgumentException($"Expected [..., T, {width}], got [{string.Join(", ", shape)}].", nameof(input));
    }

    /// <summary>Ids must be int64, [T] or [B, T], as the input's.</summary>
    internal static void Ids(Tensor ids, long length, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.dtype != ScalarType.Int64)
            throw new ArgumentException($"Position ids must be Int64, not {ids.dtype}.", nameof(ids));
        var shape = ids.shape;
        var batch = input.shape[0];
        var fits = shape switch
        {
            [var t] => t == length,
            [var b, var t] => t == length && (b == batch || b == 1),
            _ => false,
        };
        if (!fits)
            throw new ArgumentException($"Expected position ids [{length}] or [{batch}, {length}], got [{string.Join(", ", shape)}].", nameof(ids));
    }

    /// <summary>T of a query [B, H, T, E] with this many heads.</summary>
    internal static long QueryLength(Tensor query, long heads, long keyLength)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(keyLength);
        return query.shape is [_, var h, var length, _] && h == heads
            ? length
            : throw new ArgumentException($"Expected [B, {heads}, T, E], got [{string.Join(", ", query.shape)}].", nameof(query));
    }
}
