using static TorchSharp.torch;

namespace ContextAware.Positions;

internal static class PositionChecks
{
    /// <summary>T of an input [..., T, D], whose D must be this width.</summary>
    internal static long Length(Tensor input, long width)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.ndim >= 2 && input.size(-1) == width
            ? input.size(-2)
            : throw new ArgumentException($"Expected [..., T, {width}], got {ShapeText.Of(input)}.", nameof(input));
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
            throw new ArgumentException($"Expected position ids [{length}] or [{batch}, {length}], got {ShapeText.Of(shape)}.", nameof(ids));
    }

    /// <summary>T of a query [..., T, width] of any width.</summary>
    internal static long QueryLength(Tensor query, long keyLength)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(keyLength);
        return query.ndim >= 2
            ? query.size(-2)
            : throw new ArgumentException($"Expected [..., T, D], got {ShapeText.Of(query)}.", nameof(query));
    }
}
