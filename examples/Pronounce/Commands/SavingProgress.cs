using ContextAware.Models.Training;
using Pronounce.Speech;

namespace Pronounce.Commands;

/// <summary>Keeps the model after each epoch, so that a crash costs one epoch at most; passes every event on.</summary>
internal sealed class SavingProgress(IProgress<TrainingEvent> next, Pronouncer pupil, string path) : IProgress<TrainingEvent>
{
    public void Report(TrainingEvent value)
    {
        if (value is EpochEnded) pupil.Save(path);
        next.Report(value);
    }
}
