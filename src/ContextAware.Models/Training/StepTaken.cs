namespace ContextAware.Models.Training;

/// <summary>A step was taken.</summary>
/// <param name="Step">How many steps have been taken.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Elapsed">The time that training has taken.</param>
/// <param name="Used">The part of the budget that is used up, 0 to 1.</param>
/// <param name="Loss">The loss of the step's batch.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
/// <param name="GradientNorm">The norm of the gradients before clipping; null if there is no clipping.</param>
/// <param name="Examples">How many examples have been learned from, each as often as it came.</param>
public sealed record StepTaken(long Step, long Epoch, TimeSpan Elapsed, double Used, double Loss, double LearningRate, double? GradientNorm, long Examples)
    : TrainingEvent(Step, Epoch, Elapsed);
