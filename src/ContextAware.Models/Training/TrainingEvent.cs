namespace ContextAware.Models.Training;

/// <summary>Something that happened in training.</summary>
/// <param name="Step">How many steps have been taken.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Elapsed">The time that training has taken.</param>
public abstract record TrainingEvent(long Step, long Epoch, TimeSpan Elapsed);
