namespace ContextAware.Models.Seq2Seq;

/// <summary>The ways down from always true: Bengio et al. 2015 (arXiv 1506.03099), section 2.4.</summary>
public static class SamplingSchedules
{
    /// <summary>max(ε, k − c·i): a straight line.</summary>
    /// <param name="slope">c: how much it loses at each step, not negative.</param>
    /// <param name="floor">ε, 0 to 1.</param>
    /// <param name="start">k, from ε to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static SamplingSchedule Linear(double slope, double floor = 0, double start = 1)
    {
        if (!(slope >= 0)) throw new ArgumentOutOfRangeException(nameof(slope), slope, "Expected at least 0.");
        if (floor is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(floor), floor, "Expected from 0 to 1.");
        if (!(start >= floor && start <= 1)) throw new ArgumentOutOfRangeException(nameof(start), start, $"Expected from {floor} to 1.");
        return step => Math.Max(floor, start - (slope * step));
    }

    /// <summary>kⁱ.</summary>
    /// <param name="rate">k, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public static SamplingSchedule Exponential(double rate)
    {
        if (rate is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "Expected above 0 and below 1.");
        return step => Math.Pow(rate, step);
    }

    /// <summary>k / (k + exp(i/k)): slow at first and at the end.</summary>
    /// <param name="rate">k, at least 1: the greater, the later.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public static SamplingSchedule InverseSigmoid(double rate)
    {
        if (!(rate >= 1 && double.IsFinite(rate))) throw new ArgumentOutOfRangeException(nameof(rate), rate, "Expected at least 1.");
        return step => rate / (rate + Math.Exp(step / rate));
    }
}
