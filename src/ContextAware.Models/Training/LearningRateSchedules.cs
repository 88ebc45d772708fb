namespace ContextAware.Models.Training;

/// <summary>
/// The usual schedules. Those that fall to an end know the part of the budget that is used up, so a budget of time ends as
/// well as one of epochs. <see cref="PlateauOptions"/> come on top of any of them.
/// </summary>
public static class LearningRateSchedules
{
    /// <summary>Always 1.</summary>
    public static LearningRateSchedule Constant { get; } = _ => 1;

    /// <summary>Up from 0 in a straight line, then down to a floor in a straight line.</summary>
    /// <param name="warmup">The part of the budget that goes up, from 0 up to but not including 1.</param>
    /// <param name="floor">The last factor, 0 to 1.</param>
    public static LearningRateSchedule Linear(double warmup = 0.02, double floor = 0) =>
        After(warmup, floor, left => left);

    /// <summary>Up from 0 in a straight line, then down to a floor along half a cosine: Loshchilov and Hutter 2017 (arXiv 1608.03983), eq. 5.</summary>
    /// <param name="warmup">The part of the budget that goes up, from 0 up to but not including 1.</param>
    /// <param name="floor">The last factor, 0 to 1.</param>
    public static LearningRateSchedule Cosine(double warmup = 0.02, double floor = 0) =>
        After(warmup, floor, left => 0.5 - (0.5 * Math.Cos(Math.PI * left)));

    /// <summary>
    /// Up in a straight line to 1, then down with the inverse root of the step: Vaswani et al. 2017 (arXiv 1706.03762), eq. 3,
    /// scaled so that its peak is 1 and the learning rate is the highest.
    /// </summary>
    /// <param name="warmupSteps">How many steps go up, at least 1.</param>
    public static LearningRateSchedule InverseRoot(long warmupSteps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(warmupSteps, 1);
        return at => Math.Min((at.Step + 1.0) / warmupSteps, Math.Sqrt(warmupSteps / (at.Step + 1.0)));
    }

    private static LearningRateSchedule After(double warmup, double floor, Func<double, double> decay)
    {
        if (warmup is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(warmup), warmup, "Expected a part from 0 up to but not including 1.");
        if (floor is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(floor), floor, "Expected a factor from 0 to 1.");
        return at => at.Used < warmup ? at.Used / warmup : floor + ((1 - floor) * decay((1 - at.Used) / (1 - warmup)));
    }
}
