namespace ContextAware.Models.Training;

/// <summary>The usual schedules. They know the part of the budget that is used up, so a budget of time ends as well as one of epochs.</summary>
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

    private static LearningRateSchedule After(double warmup, double floor, Func<double, double> decay)
    {
        if (warmup is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(warmup), warmup, "Expected a part from 0 up to but not including 1.");
        if (floor is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(floor), floor, "Expected a factor from 0 to 1.");
        return used => used < warmup ? used / warmup : floor + ((1 - floor) * decay((1 - used) / (1 - warmup)));
    }
}
