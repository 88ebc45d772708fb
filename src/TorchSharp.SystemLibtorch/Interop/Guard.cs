using System;

namespace TorchSharp;

/// <summary>Checks of numbers that libtorch takes on trust: there they overflow, and the process ends or never comes back.</summary>
internal static class Guard
{
    /// <summary>Sizes, strides, paddings and dilations of windows; none is ever near the limit.</summary>
    public static long[] Window(params long[] values)
    {
        foreach (long value in values)
            if (value is > int.MaxValue or < int.MinValue)
                throw new ArgumentOutOfRangeException(nameof(values), value, "Expected a window's size, stride, padding or dilation below 2^31.");
        return values;
    }

    /// <summary>A count of repetitions of that many elements.</summary>
    public static long Repeats(long repeats, long elements)
    {
        if (elements > 0 && repeats > long.MaxValue / elements)
            throw new ArgumentOutOfRangeException(nameof(repeats), repeats, $"So many times {elements} elements can't be counted.");
        return repeats;
    }

    /// <summary>Indices, or null for none, into the last dimension of a tensor.</summary>
    public static Value Indices(torch.Tensor indices, torch.Tensor tensor)
    {
        if (indices is null) return Value.None;
        using torch.Tensor fine = (indices >= 0).logical_and(indices < tensor.size(-1)).all();
        if (!fine.item<bool>()) throw new ArgumentOutOfRangeException(nameof(indices), $"Expected indices from 0 to {tensor.size(-1) - 1}.");
        return indices;
    }
}
