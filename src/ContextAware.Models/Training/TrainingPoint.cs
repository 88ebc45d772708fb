namespace ContextAware.Models.Training;

/// <summary>How far a training has come: what a <see cref="LearningRateSchedule"/> may look at, and <see cref="Trainer{TBatch}.BeforeStep"/>.</summary>
/// <param name="Used">The part of the budget that is used up, 0 to 1.</param>
/// <param name="Step">How many steps have been taken.</param>
public readonly record struct TrainingPoint(double Used, long Step);
