using System.Globalization;
using ContextAware.Models.Training;
using Spectre.Console;

namespace Pictures;

/// <summary>Shows a training in lines, a few each minute, and keeps the model after each epoch.</summary>
/// <param name="console">Where the lines go.</param>
/// <param name="what">What an example is: "pictures".</param>
/// <param name="judged">What the figure of validation is the share of: "wrong captions".</param>
/// <param name="keep">Writes the model.</param>
public sealed class LineProgress(IAnsiConsole console, string what, string judged, Action keep) : IProgress<TrainingEvent>
{
    private const double Memory = 0.98;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private double sum;
    private double weight;
    private TimeSpan next;

    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case StepTaken step:
                (sum, weight) = ((Memory * sum) + step.Loss, (Memory * weight) + 1);
                if (step.Elapsed < next) return;
                next = step.Elapsed + Interval;
                Write($"{Clock(step.Elapsed),6}  {step.Used,4:0%}  epoch {step.Epoch + 1}  loss {sum / weight:0.000}  {step.Examples / step.Elapsed.TotalSeconds:#,0} {what}/s");
                break;
            case EpochEnded epoch:
                keep();
                Write($"{Clock(epoch.Elapsed),6}  epoch {epoch.Epoch + 1}  loss {epoch.Loss:0.000}{(epoch.Validation is { } figure ? string.Create(CultureInfo.InvariantCulture, $"  {judged} {figure:0.0%}") : "")}");
                break;
        }
    }

    /// <summary>What a training came to, in one line.</summary>
    public void Sum(TrainingSummary summary) => Write(
        $"{(summary.Cancelled ? "Stopped" : "Trained")} after {Clock(summary.Elapsed)}: {summary.Steps:#,0} steps, {summary.ExamplesPerSecond:#,0} {what}/s");

    private static string Clock(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}:{time.Seconds:00}");

    private void Write(FormattableString line) => console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
