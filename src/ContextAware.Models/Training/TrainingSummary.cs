namespace ContextAware.Models.Training;

/// <summary>What a training came to.</summary>
/// <param name="Steps">How many steps were taken.</param>
/// <param name="Examples">How many examples were learned from, each as often as it came.</param>
/// <param name="Elapsed">The time it took.</param>
/// <param name="Cancelled">Whether it was stopped before its budget was used up.</param>
public sealed record TrainingSummary(long Steps, long Examples, TimeSpan Elapsed, bool Cancelled)
{
    /// <summary>Examples learned from in a second.</summary>
    public double ExamplesPerSecond => Elapsed > TimeSpan.Zero ? Examples / Elapsed.TotalSeconds : 0;
}
