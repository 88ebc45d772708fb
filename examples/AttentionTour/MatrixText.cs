using System.Globalization;
using static TorchSharp.torch;

namespace AttentionTour;

/// <summary>Writes a matrix in aligned columns.</summary>
internal static class MatrixText
{
    /// <summary>One line a row.</summary>
    public static string Of(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = ((int)matrix.shape[0], (int)matrix.shape[1]);
        double[] numbers = [.. matrix.detach().to(float64).contiguous().data<double>()];
        string[] texts = [.. numbers.Select(Number)];
        var widths = Enumerable.Range(0, columns).Select(c => Enumerable.Range(0, rows).Max(r => texts[(r * columns) + c].Length)).ToArray();
        var lines = Enumerable.Range(0, rows)
            .Select(r => "  " + string.Join("  ", Enumerable.Range(0, columns).Select(c => texts[(r * columns) + c].PadLeft(widths[c]))));
        return string.Join('\n', lines);
    }

    // Enough digits to compare by, few enough to read; what is tiny but not zero shows itself.
    private static string Number(double number) => Math.Abs(number) is > 0 and < 1e-6
        ? number.ToString("0.######e+0", CultureInfo.InvariantCulture)
        : number.ToString("0.######", CultureInfo.InvariantCulture);
}
