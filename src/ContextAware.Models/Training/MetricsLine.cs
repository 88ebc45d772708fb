namespace ContextAware.Models.Training;

/// <summary>A line of a <see cref="MetricsLog"/>.</summary>
public sealed record MetricsLine
{
    /// <summary>What the line tells of: start, step, epoch.</summary>
    public required string Event { get; init; }

    /// <summary>How many steps had been taken.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch, from 0.</summary>
    public required long Epoch { get; init; }

    /// <summary>The time that training had taken, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Of steps: the mean loss since the line before. Of an epoch: its mean loss.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The norm of the gradients of the last step before clipping.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>How many examples had been learned from, each as often as it came.</summary>
    public long? Examples { get; init; }

    /// <summary>What judging the model after an epoch said.</summary>
    public double? Validation { get; init; }

    /// <summary>Whether that was the lowest figure so far.</summary>
    public bool? IsBest { get; init; }
}
