namespace ContextAware.Visualization;

/// <summary>How good an alignment looks, in numbers. Rows without any weight are left out of the means.</summary>
/// <param name="Entropy">
/// For each row, −Σ a·ln a in nats of the weights scaled to sum to one: 0 looks at one place, ln n at n places alike.
/// </param>
/// <param name="MeanEntropy">The mean over the rows.</param>
/// <param name="DiagonalShare">
/// The share of all weight near the straight line from the first corner to the last; 1 for a monotonic alignment, about
/// twice the band for an even spread.
/// </param>
/// <param name="Coverage">For each column, the sum of the weight it got over all rows (Wu et al. 2016, eq. 14).</param>
/// <param name="CoveredShare">The mean over the columns of min(coverage, 1): 1 where every source position was attended to.</param>
public sealed record AlignmentQuality(
    IReadOnlyList<double> Entropy, double MeanEntropy, double DiagonalShare, IReadOnlyList<double> Coverage, double CoveredShare)
{
    /// <summary>Measures one head.</summary>
    /// <param name="map">Weights, none negative.</param>
    /// <param name="layer">Which layer.</param>
    /// <param name="head">Which head.</param>
    /// <param name="band">Half the width of the diagonal band as a share of the columns; it is at least one column.</param>
    /// <exception cref="ArgumentException">A weight is negative.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The band is not between 0 and 1, or there is no such layer or head.</exception>
    public static AlignmentQuality Of(AttentionMap map, int layer = 0, int head = 0, double band = 0.1)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (!(band is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(band), band, "Expected a share between 0 and 1.");
        var one = map.Head(layer, head);
        int rows = one.Rows, columns = one.Columns;
        var entropy = new double[rows];
        var coverage = new double[columns];
        double total = 0, near = 0;
        var lookingRows = 0;
        for (var t = 0; t < rows; t++)
        {
            var row = one.Row(0, 0, t);
            double sum = 0;
            for (var s = 0; s < columns; s++)
            {
                if (row[s] < 0)
                    throw new ArgumentException($"The weight at [{t}, {s}] is {row[s]}; expected none below zero.", nameof(map));
                sum += row[s];
                coverage[s] += row[s];
                if (IsNearDiagonal(t, s, rows, columns, band))
                    near += row[s];
            }

            total += sum;
            if (sum == 0)
                continue;
            lookingRows++;
            foreach (var weight in row)
                entropy[t] -= weight == 0 ? 0 : weight / sum * Math.Log(weight / sum);
        }

        return new(entropy, lookingRows == 0 ? 0 : entropy.Sum() / lookingRows, total == 0 ? 0 : near / total,
            coverage, columns == 0 ? 0 : coverage.Average(c => Math.Min(c, 1)));
    }

    // Cells have centres; the line runs through the middle of the picture's corners.
    private static bool IsNearDiagonal(int row, int column, int rows, int columns, double band)
        => Math.Abs(column + 0.5 - (row + 0.5) * columns / rows) <= Math.Max(1, band * columns) + 1e-9;
}
