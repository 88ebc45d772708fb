namespace ContextAware.Models.Training;

/// <summary>The loss, the norm of its gradient or the learning rate became NaN or infinite: training stopped before the step was taken.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>Says where.</summary>
    /// <param name="what">What is not finite: the loss, the norm of the gradient, the learning rate.</param>
    /// <param name="value">Its value.</param>
    /// <param name="step">How many steps were taken before.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="batch">The batch of the epoch, from 0.</param>
    /// <param name="checkpoint">The file with the last state that was kept; null if there is none.</param>
    public NonFiniteLossException(string what, double value, long step, long epoch, long batch, string? checkpoint)
        : base($"The {what} is {value} at step {step} (epoch {epoch + 1}, batch {batch + 1}). "
            + $"{(checkpoint is null ? "No checkpoint was kept." : $"The last good checkpoint is {checkpoint}.")} "
            + "A smaller learning rate or a tighter gradient clip may help.") =>
        (Step, Epoch, Batch, Checkpoint) = (step, epoch, batch, checkpoint);

    /// <summary>An error with a message.</summary>
    public NonFiniteLossException(string message) : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    public NonFiniteLossException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>An error without a message.</summary>
    public NonFiniteLossException()
    {
    }

    /// <summary>How many steps were taken before.</summary>
    public long Step { get; }

    /// <summary>The epoch, from 0.</summary>
    public long Epoch { get; }

    /// <summary>The batch of the epoch, from 0: the data give it again when asked for that epoch.</summary>
    public long Batch { get; }

    /// <summary>The file with the last state that was kept; null if there is none.</summary>
    public string? Checkpoint { get; }
}
