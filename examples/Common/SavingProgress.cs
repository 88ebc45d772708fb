using ContextAware.Models.Training;

namespace Examples.Common;

/// <summary>Keeps the model whenever it is better than before (after each epoch, if nobody judges it), so that a crash costs little.</summary>
/// <param name="save">Writes the model as it is.</param>
public sealed class SavingProgress(Action save) : IProgress<TrainingEvent>
{
    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        if (value is EpochEnded { IsBest: true } or EpochEnded { Validation: null }) save();
    }
}
