using ContextAware.Models.Training;
using Spectre.Console;

namespace Examples.Common;

/// <summary>Shows a training as a live bar: for terminals.</summary>
internal sealed class BarProgress(IAnsiConsole console, ProgressTask bar, Figures figures) : IProgress<TrainingEvent>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly MovingMean loss = new();
    private TimeSpan next;

    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case TrainingStarted { Checkpoint: not null } started:
                console.PrintLine(Figures.Resumed(started));
                break;
            case StepTaken step:
                var mean = loss.Add(step.Loss);
                if (step.Elapsed < next && step.Used < 1) return;
                next = step.Elapsed + Interval;
                bar.Value = step.Used;
                bar.Description = figures.Step(step, mean);
                break;
            case EpochEnded epoch:
                console.PrintLine(figures.Epoch(epoch));
                break;
        }
    }
}
