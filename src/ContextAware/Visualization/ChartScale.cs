namespace ContextAware.Visualization;

/// <summary>Where numbers lie on an axis, and which of them are written beside it.</summary>
internal sealed class ChartScale
{
    /// <summary>Differences of larger numbers would not be finite.</summary>
    private const double Largest = 1e300;

    private static readonly int[] Factors = [1, 2, 5, 10];

    private readonly double low;
    private readonly double high;

    /// <summary>A scale over some numbers, with both ends at a tick.</summary>
    /// <param name="values">The numbers; those that <see cref="Takes"/> refuses don't count.</param>
    /// <param name="ticks">About how many ticks there should be.</param>
    /// <param name="fromZero">Whether 0 belongs to it.</param>
    public ChartScale(IEnumerable<double> values, int ticks, bool fromZero)
    {
        double[] taken = [.. values.Where(Takes)];
        (low, high) = taken.Length == 0 ? (0, 1) : (taken.Min(), taken.Max());
        if (fromZero) (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        // Ticks have twelve decimals; what lies closer together is one number.
        if (high - low <= Math.Max(Math.Abs(low) * 1e-12, 1e-11)) high = low + Math.Max(1, Math.Abs(low) * 1e-6);
        var step = NiceStep((high - low) / ticks);
        (low, high) = (Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step);
        Ticks = [.. Enumerable.Range(0, (int)Math.Round((high - low) / step) + 1).Select(i => Math.Round(low + (i * step), 12))];
    }

    /// <summary>Whether a number has a place: not if it is not finite, or larger than anything that is measured.</summary>
    public static bool Takes(double value) => Math.Abs(value) <= Largest;

    /// <summary>The numbers that are written.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Where a number lies: 0 at the low end, 1 at the high.</summary>
    public double Share(double value) => (value - low) / (high - low);

    // 1, 2 or 5 times a power of ten.
    private static double NiceStep(double atLeast)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        return power * Factors.First(factor => factor * power >= atLeast * (1 - 1e-9));
    }
}
