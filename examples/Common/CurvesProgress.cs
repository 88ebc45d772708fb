using ContextAware.Models.Training;

namespace Examples.Common;

/// <summary>Draws the curves of a run anew after each epoch. It reads the figures, so it comes after their log.</summary>
/// <param name="run">The folder.</param>
public sealed class CurvesProgress(RunFolder run) : IProgress<TrainingEvent>
{
    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        if (value is EpochEnded) run.DrawCurves();
    }
}
