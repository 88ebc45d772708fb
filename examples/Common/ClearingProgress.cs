using ContextAware.Models.Training;

namespace Examples.Common;

/// <summary>Clears a run's folder of half-written files when the training starts: from then on it holds the folder's lock.</summary>
/// <param name="run">The folder.</param>
internal sealed class ClearingProgress(RunFolder run) : IProgress<TrainingEvent>
{
    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        if (value is TrainingStarted) run.RemoveLeftovers();
    }
}
