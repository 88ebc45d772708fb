using ContextAware.Models.Training;
using Spectre.Console;

namespace Examples.Common;

/// <summary>Shows a training while it runs: a bar on a terminal, lines elsewhere.</summary>
public static class TrainingDisplay
{
    /// <summary>Runs <paramref name="train"/> and shows what it reports.</summary>
    /// <exception cref="UserException">The loss is no longer finite.</exception>
    public static TrainingSummary Show(IAnsiConsole console, Figures figures, Func<IProgress<TrainingEvent>, TrainingSummary> train)
    {
        try
        {
            return Run(console, figures, train);
        }
        catch (NonFiniteLossException error)
        {
            throw new UserException(error.Message, error);
        }
    }

    /// <summary>Says what a training came to and writes the model, if anything was learned.</summary>
    /// <param name="console">Where to say it.</param>
    /// <param name="figures">What the examples are.</param>
    /// <param name="summary">What it came to.</param>
    /// <param name="save">Writes the model.</param>
    /// <param name="path">Where to.</param>
    /// <returns>What the program tells the shell.</returns>
    public static int End(IAnsiConsole console, Figures figures, TrainingSummary summary, Action save, string path)
    {
        ArgumentNullException.ThrowIfNull(figures);
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(save);
        console.PrintLine(figures.Summary(summary));
        if (summary.Steps == 0) return ExitCode.Stopped;
        save();
        console.PrintLine($"Saved {path}");
        return summary.Cancelled ? ExitCode.Stopped : ExitCode.Success;
    }

    private static TrainingSummary Run(IAnsiConsole console, Figures figures, Func<IProgress<TrainingEvent>, TrainingSummary> train)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            return train(new LineProgress(console, figures));
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => train(new BarProgress(console, context.AddTask("starting", maxValue: 1), figures)));
    }
}
