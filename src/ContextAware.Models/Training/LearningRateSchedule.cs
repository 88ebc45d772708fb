namespace ContextAware.Models.Training;

/// <summary>The factor of the learning rate at a point of the training.</summary>
/// <param name="used">The part of the budget that is used up, 0 to 1.</param>
/// <returns>What to multiply the learning rate with.</returns>
public delegate double LearningRateSchedule(double used);
