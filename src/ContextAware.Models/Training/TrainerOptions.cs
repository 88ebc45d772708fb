namespace ContextAware.Models.Training;

/// <summary>How a <see cref="Trainer{TBatch}"/> trains.</summary>
public sealed record TrainerOptions
{
    /// <summary>How long.</summary>
    public required TrainingBudget Budget { get; init; }

    /// <summary>What moves the weights.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>The learning rate, before the schedule.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How slowly the average of the gradient moves, from 0 up to but not including 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How slowly the average of the squared gradient moves, from 0 up to but not including 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>How far weights are pulled to 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>How the learning rate changes.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedules.Linear();

    /// <summary>Cuts of the learning rate when judging shows no gain; null makes none.</summary>
    public PlateauOptions? Plateau { get; init; }

    /// <summary>Gradients whose norm is larger are scaled down to it; null leaves them alone.</summary>
    public double? GradientClip { get; init; } = 1;

    /// <summary>How many batches make one step: the gradient is that of all of them as one batch.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>
    /// How many of a step's batches are worked on side by side, each on a thread of its own: see <see cref="BatchGradients"/>
    /// for what that asks of the model. 1 takes them one after the other and leaves the threads to libtorch.
    /// </summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>
    /// The decay of a moving average of the weights, which is what is judged and what remains in the end; null averages
    /// nothing. Early averages forget faster: the decay of step n is at most (1 + n) / (10 + n).
    /// </summary>
    public double? AverageDecay { get; init; }

    /// <summary>Stops after so many epochs without a gain; null doesn't.</summary>
    public int? Patience { get; init; }

    /// <summary>Leaves the model with the weights of the epoch that was judged best, not with the last.</summary>
    public bool KeepBest { get; init; }

    /// <summary>How the state is kept, to take the run up again; null keeps none.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <exception cref="ArgumentException">A value is out of range, or one needs judging and nobody judges.</exception>
    internal void Check(string argument)
    {
        Budget.Check(argument);
        if (!(LearningRate > 0 && double.IsFinite(LearningRate))) throw new ArgumentOutOfRangeException(argument, LearningRate, "Expected a learning rate above 0.");
        if (Beta1 is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(argument, Beta1, "Expected beta 1 from 0 up to but not including 1.");
        if (Beta2 is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(argument, Beta2, "Expected beta 2 from 0 up to but not including 1.");
        if (!(WeightDecay >= 0)) throw new ArgumentOutOfRangeException(argument, WeightDecay, "Expected a weight decay of at least 0.");
        if (!(GradientClip is null or > 0)) throw new ArgumentOutOfRangeException(argument, GradientClip, "Expected a positive norm to clip gradients to.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Accumulation, 1, argument);
        ArgumentOutOfRangeException.ThrowIfLessThan(AtOnce, 1, argument);
        if (AtOnce > Accumulation)
            throw new ArgumentOutOfRangeException(argument, AtOnce, $"Expected at least as many batches a step as are worked on at once, got {Accumulation}.");
        if (AverageDecay is not (null or (>= 0 and < 1))) throw new ArgumentOutOfRangeException(argument, AverageDecay, "Expected a decay from 0 up to but not including 1.");
        if (Patience < 1) throw new ArgumentOutOfRangeException(argument, Patience, "Expected a patience of at least 1 epoch.");
        Plateau?.Check(argument);
        Checkpoints?.Check(argument);
    }

    /// <summary>Whether something here rests on judging the model.</summary>
    internal bool NeedsJudging => Plateau is not null || Patience is not null || KeepBest;
}
