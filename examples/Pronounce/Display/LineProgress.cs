using ContextAware.Models.Training;
using Spectre.Console;

namespace Pronounce.Display;

/// <summary>Shows a training in plain lines, a few each minute: for files and pipes.</summary>
internal sealed class LineProgress(IAnsiConsole console) : IProgress<TrainingEvent>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly MovingMean loss = new();
    private TimeSpan next;

    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case StepTaken step:
                var mean = loss.Add(step.Loss);
                if (step.Elapsed < next) return;
                next = step.Elapsed + Interval;
                console.WriteLine($"{Figures.Clock(step.Elapsed),6}  {step.Used,4:0%}  {Figures.Step(step, mean)}");
                break;
            case EpochEnded epoch:
                console.WriteLine(Figures.Epoch(epoch));
                break;
        }
    }
}
