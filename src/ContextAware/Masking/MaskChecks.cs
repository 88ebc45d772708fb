using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>Says what is wrong with a tensor that a mask was made from.</summary>
internal static class MaskChecks
{
    internal static void Integers(Tensor tensor, int dimensions, string shape, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (!is_integral(tensor.dtype))
            throw new ArgumentException($"Expected integers {shape}, got {tensor.dtype}.", name);
        Dimensions(tensor, dimensions, shape, name);
    }

    internal static void Dimensions(Tensor tensor, int dimensions, string shape, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.Dimensions != dimensions)
            throw new ArgumentException($"Expected {shape}, got {ShapeText.Of(tensor)}.", name);
    }

    internal static void Fits(Tensor tensor, string name, string legend, long[] expected) =>
        Fits(name, legend, expected, tensor.shape);

    /// <summary>Every size must be the expected one, or 1.</summary>
    internal static void Fits(string name, string legend, long[] expected, long[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (actual[i] != expected[i] && actual[i] != 1)
                throw new ArgumentException($"The mask doesn't fit: expected {legend} = {ShapeText.Of(expected)} (1 serves all), got {ShapeText.Of(actual)}.", name);
        }
    }

    /// <summary>A mask's tensor without its first keys, if it has a place for each; one place serves all.</summary>
    internal static Tensor WithoutFirst(Tensor tensor, long count, long keyLength) =>
        tensor.size(-1) == keyLength && keyLength != 1 ? tensor.narrow(-1, count, keyLength - count) : tensor;
}
