using System.Globalization;

namespace ContextAware.Visualization;

/// <summary>How the renderers write numbers; the same in every culture.</summary>
internal static class Numbers
{
    /// <summary>Two digits for a cell: .93, 1, 0, -2.1, 1e5.</summary>
    public static string Short(double value)
    {
        var size = Math.Abs(value);
        if (size >= 99.5)
            return value.ToString("0e0", CultureInfo.InvariantCulture);
        if (size >= 9.95)
            return value.ToString("0", CultureInfo.InvariantCulture);
        if (size >= 0.995)
            return value.ToString("0.#", CultureInfo.InvariantCulture);
        return value.ToString(".00;-.00;0", CultureInfo.InvariantCulture) is var text && text is ".00" or "-.00" ? "0" : text;
    }

    /// <summary>Four significant digits, for a tool tip or a scale.</summary>
    public static string Precise(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A number on an axis: without an exponent.</summary>
    public static string Plain(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);

    /// <summary>A length in a picture: at most two decimals.</summary>
    public static string Length(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
