using System.Globalization;

namespace ContextAware.Testing;

/// <summary>Compares two row-major arrays of one shape and words what differs.</summary>
internal static class Comparison
{
    /// <summary>Null where every element is within atol + rtol·|expected|, else a message about the worst one.</summary>
    public static string? Differences(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, ReadOnlySpan<long> shape, double rtol, double atol)
    {
        int worst = -1, wrong = 0;
        var worstExcess = double.NegativeInfinity;
        for (var i = 0; i < expected.Length; i++)
        {
            var excess = Excess(expected[i], actual[i], rtol, atol);
            if (excess <= 0)
                continue;
            wrong++;
            if (excess > worstExcess)
                (worst, worstExcess) = (i, excess);
        }

        return wrong == 0 ? null
            : $"shape {Show(shape)}: {wrong} of {expected.Length} elements differ; worst at {Show(Index(worst, shape))}: "
            + $"expected {Show(expected[worst])}, actual {Show(actual[worst])}, "
            + $"off by {Show(Math.Abs(actual[worst] - expected[worst]))} (allowed {Show(atol + rtol * Math.Abs(expected[worst]))})";
    }

    /// <summary>The index of a row-major position, one number a dimension.</summary>
    public static long[] Index(long position, ReadOnlySpan<long> shape)
    {
        var index = new long[shape.Length];
        for (var d = shape.Length - 1; d >= 0; d--)
            (position, index[d]) = Math.DivRem(position, shape[d]);
        return index;
    }

    public static string Show(ReadOnlySpan<long> numbers) => $"[{string.Join(", ", numbers.ToArray())}]";

    public static string Show(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    // A NaN is worse than any number; equal infinities are equal.
    private static double Excess(double expected, double actual, double rtol, double atol)
    {
        if (expected == actual)
            return 0;
        if (double.IsNaN(expected) || double.IsNaN(actual))
            return double.PositiveInfinity;
        if (double.IsInfinity(expected) || double.IsInfinity(actual))
            return double.MaxValue;
        return Math.Abs(actual - expected) - (atol + rtol * Math.Abs(expected));
    }
}
