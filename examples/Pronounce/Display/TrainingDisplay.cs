using ContextAware.Models.Training;
using Spectre.Console;

namespace Pronounce.Display;

/// <summary>Shows a training while it runs: a bar on a terminal, lines elsewhere.</summary>
internal static class TrainingDisplay
{
    /// <summary>Runs <paramref name="train"/> and shows what it reports.</summary>
    public static TrainingSummary Show(IAnsiConsole console, Func<IProgress<TrainingEvent>, TrainingSummary> train)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            return train(new LineProgress(console));
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => train(new BarProgress(console, context.AddTask("starting", maxValue: 1))));
    }
}
