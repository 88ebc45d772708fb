using System.Globalization;
using ContextAware.Models.Training;

namespace Examples.Common;

/// <summary>Writes the figures of a training.</summary>
/// <param name="examples">What the examples are: words, commands.</param>
/// <param name="error">What judging measures, as "dev PER".</param>
public sealed class Figures(string examples, string error)
{
    /// <summary>What judging measures.</summary>
    public string Error => error;

    /// <summary>A time as minutes and seconds, with hours where there are any.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}");

    /// <summary>What is left, if the rest goes as the part behind us went.</summary>
    public static TimeSpan Left(StepTaken step) => step.Used > 0 ? step.Elapsed * ((1 - step.Used) / step.Used) : TimeSpan.Zero;

    /// <summary>A step in a line.</summary>
    public string Step(StepTaken step, double loss) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {step.Epoch + 1}  loss {loss:0.000}  {step.Examples / step.Elapsed.TotalSeconds:#,0} {examples}/s  {Clock(Left(step))} left");

    /// <summary>An epoch in a line.</summary>
    public string Epoch(EpochEnded epoch)
    {
        var validation = epoch.Validation is { } figure ? string.Create(CultureInfo.InvariantCulture, $"  {error} {100 * figure:0.0#}%{(epoch.IsBest ? " *" : "")}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Clock(epoch.Elapsed),6}  epoch {epoch.Epoch + 1}  loss {epoch.Loss:0.000}{validation}");
    }

    /// <summary>Where a run was taken up.</summary>
    public static string Resumed(TrainingStarted started) => string.Create(
        CultureInfo.InvariantCulture, $"Going on at step {started.Step:#,0} (epoch {started.Epoch + 1}) from {started.Checkpoint}");

    /// <summary>A whole training in a line.</summary>
    public string Summary(TrainingSummary summary) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(summary.Cancelled ? "Stopped" : summary.StoppedEarly ? "Stopped for want of a gain" : "Trained")} after {Clock(summary.Elapsed)}: {summary.Steps:#,0} steps, {summary.ExamplesPerSecond:#,0} {examples}/s");
}
