namespace ContextAware.Models.Training;

/// <summary>Training begins, or goes on: the first event of a run.</summary>
/// <param name="Step">How many steps were taken before; 0 for a new run.</param>
/// <param name="Epoch">The epoch at hand, from 0.</param>
/// <param name="Elapsed">The time that training has taken before.</param>
/// <param name="Checkpoint">The file that the run was taken up from; null for a new run.</param>
public sealed record TrainingStarted(long Step, long Epoch, TimeSpan Elapsed, string? Checkpoint)
    : TrainingEvent(Step, Epoch, Elapsed);
