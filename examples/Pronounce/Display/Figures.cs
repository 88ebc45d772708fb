using System.Globalization;
using ContextAware.Models.Training;

namespace Pronounce.Display;

/// <summary>Writes the figures of a training.</summary>
internal static class Figures
{
    public static string Clock(TimeSpan time) => time.TotalHours < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}");

    /// <summary>What is left, if the rest goes as the part behind us went.</summary>
    public static TimeSpan Left(StepTaken step) => step.Used > 0 ? step.Elapsed * ((1 - step.Used) / step.Used) : TimeSpan.Zero;

    public static string Step(StepTaken step, double loss) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {step.Epoch + 1}  loss {loss:0.000}  {step.Examples / step.Elapsed.TotalSeconds:#,0} words/s  {Clock(Left(step))} left");

    public static string Epoch(EpochEnded epoch)
    {
        var validation = epoch.Validation is { } error ? string.Create(CultureInfo.InvariantCulture, $"  dev PER {100 * error:0.0}%") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Clock(epoch.Elapsed),6}  epoch {epoch.Epoch + 1}  loss {epoch.Loss:0.000}{validation}");
    }

    public static string Summary(TrainingSummary summary) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(summary.Cancelled ? "Stopped" : "Trained")} after {Clock(summary.Elapsed)}: {summary.Steps:#,0} steps, {summary.ExamplesPerSecond:#,0} words/s");
}
