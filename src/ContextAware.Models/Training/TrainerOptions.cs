namespace ContextAware.Models.Training;

/// <summary>How a <see cref="Trainer{TBatch}"/> trains.</summary>
public sealed record TrainerOptions
{
    /// <summary>How long.</summary>
    public required TrainingBudget Budget { get; init; }

    /// <summary>The learning rate of Adam, before the schedule.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the learning rate changes.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedules.Linear();

    /// <summary>Gradients whose norm is larger are scaled down to it; null leaves them alone.</summary>
    public double? GradientClip { get; init; } = 1;
}
