namespace Examples.Common;

/// <summary>A mean that forgets: single batches jump too much to be read.</summary>
public sealed class MovingMean(double keep = 0.98)
{
    private double sum;
    private double weight;

    /// <summary>Takes another value.</summary>
    /// <returns>The mean.</returns>
    public double Add(double value)
    {
        sum = (keep * sum) + value;
        weight = (keep * weight) + 1;
        return sum / weight;
    }
}
