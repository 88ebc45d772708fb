namespace ContextAware.Visualization;

/// <summary>Where numbers lie on an axis, and which of them are written beside it.</summary>
internal sealed class ChartScale
{
    private static readonly int[] Factors = [1, 2, 5, 10];

    private readonly double low;
    private readonly double high;

    /// <summary>A scale over some numbers, with both ends at a tick.</summary>
    /// <param name="values">The numbers; those that are not finite don't count.</param>
    /// <param name="ticks">About how many ticks there should be.</param>
    /// <param name="fromZero">Whether 0 belongs to it.</param>
    public ChartScale(IEnumerable<double> values, int ticks, bool fromZero)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        (low, high) = finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
        if (fromZero) (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        if (high == low) high = low + Math.Max(1, Math.Abs(low) * 1e-6);
        var step = NiceStep((high - low) / ticks);
        (low, high) = (Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step);
        Ticks = [.. Enumerable.Range(0, (int)Math.Round((high - low) / step) + 1).Select(i => Math.Round(low + (i * step), 12))];
    }

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
