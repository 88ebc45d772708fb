namespace ContextAware.Models.Training;

/// <summary>What a training came to, runs that were taken up counted in.</summary>
/// <param name="Steps">How many steps were taken.</param>
/// <param name="Examples">How many examples were learned from, each as often as it came.</param>
/// <param name="Elapsed">The time it took.</param>
/// <param name="Cancelled">Whether it was stopped from outside.</param>
/// <param name="StoppedEarly">Whether it stopped because judging showed no gain any more.</param>
/// <param name="Best">The lowest figure of <see cref="Trainer{TBatch}.Validate"/>; null if nobody was asked.</param>
public sealed record TrainingSummary(long Steps, long Examples, TimeSpan Elapsed, bool Cancelled, bool StoppedEarly = false, double? Best = null)
{
    /// <summary>Examples learned from in a second.</summary>
    public double ExamplesPerSecond => Elapsed > TimeSpan.Zero ? Examples / Elapsed.TotalSeconds : 0;
}
