namespace ContextAware.Models.Training;

/// <summary>Passes every event on to several listeners, in their order.</summary>
/// <param name="listeners">The listeners.</param>
public sealed class ProgressList(params IReadOnlyList<IProgress<TrainingEvent>> listeners) : IProgress<TrainingEvent>
{
    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        foreach (var listener in listeners) listener.Report(value);
    }
}
