namespace ContextAware.Models.Training;

/// <summary>The state of the training was kept.</summary>
/// <param name="Step">How many steps have been taken.</param>
/// <param name="Epoch">The epoch at hand, from 0.</param>
/// <param name="Elapsed">The time that training has taken.</param>
/// <param name="Checkpoint">The file.</param>
public sealed record CheckpointSaved(long Step, long Epoch, TimeSpan Elapsed, string Checkpoint)
    : TrainingEvent(Step, Epoch, Elapsed);
