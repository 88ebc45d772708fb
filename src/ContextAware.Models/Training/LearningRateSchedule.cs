namespace ContextAware.Models.Training;

/// <summary>The factor of the learning rate for the next step of a training.</summary>
/// <param name="at">How far the training has come.</param>
/// <returns>What to multiply the learning rate with.</returns>
public delegate double LearningRateSchedule(TrainingPoint at);
