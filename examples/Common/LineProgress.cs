using ContextAware.Models.Training;
using Spectre.Console;

namespace Examples.Common;

/// <summary>Shows a training in plain lines, a few each minute: for files and pipes.</summary>
internal sealed class LineProgress(IAnsiConsole console, Figures figures) : IProgress<TrainingEvent>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly MovingMean loss = new();
    private TimeSpan next;

    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case TrainingStarted { Checkpoint: not null } started:
                console.PrintLine(Figures.Resumed(started));
                next = started.Elapsed;
                break;
            case StepTaken step:
                var mean = loss.Add(step.Loss);
                if (step.Elapsed < next) return;
                next = step.Elapsed + Interval;
                console.PrintLine($"{Figures.Clock(step.Elapsed),6}  {step.Used,4:0%}  {figures.Step(step, mean)}");
                break;
            case EpochEnded epoch:
                console.PrintLine(figures.Epoch(epoch));
                break;
        }
    }
}
