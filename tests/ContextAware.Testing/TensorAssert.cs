using System.Runtime.CompilerServices;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Testing;

/// <summary>Assertions on tensors and arrays, with messages that show the shape, the worst element and both values.</summary>
public static class TensorAssert
{
    /// <summary>Same shape, same type, and every element the same (NaN equals NaN).</summary>
    public static void Equal(Tensor expected, Tensor actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        Type(expected.dtype, actual, what);
        Shape(expected.shape, actual.shape, what);
        double[] e = TensorArrays.Flat(expected), a = TensorArrays.Flat(actual);
        for (var i = 0; i < e.Length; i++)
            if (double.IsNaN(e[i]) && double.IsNaN(a[i]))
                e[i] = a[i] = 0;
        Compare(e, a, actual.shape, 0, 0, what);
    }

    /// <summary>Same shape, and every element within <paramref name="atol"/> + <paramref name="rtol"/>·|expected|. A NaN is never close.</summary>
    public static void Close(Tensor expected, Tensor actual, double rtol = 1e-5, double atol = 1e-6,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        Shape(expected.shape, actual.shape, what);
        Compare(TensorArrays.Flat(expected), TensorArrays.Flat(actual), actual.shape, rtol, atol, what);
    }

    /// <summary>Close to an array of the same shape (any rank, any kind of number).</summary>
    [OverloadResolutionPriority(1)] // an array could turn into a tensor as well
    public static void Close(Array expected, Tensor actual, double rtol = 1e-5, double atol = 1e-6,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        Shape(TensorArrays.Shape(expected), actual.shape, what);
        Compare(TensorArrays.Flatten(expected), TensorArrays.Flat(actual), actual.shape, rtol, atol, what);
    }

    /// <summary>Two arrays of one shape are close.</summary>
    [OverloadResolutionPriority(2)]
    public static void Close(Array expected, Array actual, double rtol = 1e-5, double atol = 1e-6,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        var shape = TensorArrays.Shape(actual);
        Shape(TensorArrays.Shape(expected), shape, what);
        Compare(TensorArrays.Flatten(expected), TensorArrays.Flatten(actual), shape, rtol, atol, what);
    }

    /// <summary>Every element is exactly zero.</summary>
    public static void AllZero(Tensor actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        => All(TensorArrays.Flat(actual), actual.shape, x => x == 0, "zero", what);

    /// <inheritdoc cref="AllZero(Tensor, string)"/>
    [OverloadResolutionPriority(1)]
    public static void AllZero(Array actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        => All(TensorArrays.Flatten(actual), TensorArrays.Shape(actual), x => x == 0, "zero", what);

    /// <summary>No element is NaN or infinite.</summary>
    public static void AllFinite(Tensor actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        => All(TensorArrays.Flat(actual), actual.shape, double.IsFinite, "finite", what);

    /// <inheritdoc cref="AllFinite(Tensor, string)"/>
    [OverloadResolutionPriority(1)]
    public static void AllFinite(Array actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        => All(TensorArrays.Flatten(actual), TensorArrays.Shape(actual), double.IsFinite, "finite", what);

    /// <summary>The tensor has these sizes.</summary>
    public static void Shape(long[] expected, Tensor actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        => Shape(expected, actual.shape, what);

    /// <summary>The tensor holds elements of this type.</summary>
    public static void Type(ScalarType expected, Tensor actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (actual.dtype != expected)
            Assert.Fail($"{what}: expected type {expected}, actual type {actual.dtype}");
    }

    private static void Shape(long[] expected, long[] actual, string what)
    {
        if (!expected.AsSpan().SequenceEqual(actual))
            Assert.Fail($"{what}: expected shape {Comparison.Show(expected)}, actual shape {Comparison.Show(actual)}");
    }

    private static void Compare(double[] expected, double[] actual, long[] shape, double rtol, double atol, string what)
    {
        if (Comparison.Differences(expected, actual, shape, rtol, atol) is { } message)
            Assert.Fail($"{what}, {message}");
    }

    private static void All(double[] values, long[] shape, Predicate<double> holds, string wanted, string what)
    {
        var first = Array.FindIndex(values, x => !holds(x));
        if (first >= 0)
            Assert.Fail($"{what}, shape {Comparison.Show(shape)}: {values.Count(x => !holds(x))} of {values.Length} elements are not {wanted}; "
                + $"first at {Comparison.Show(Comparison.Index(first, shape))}: {Comparison.Show(values[first])}");
    }
}
