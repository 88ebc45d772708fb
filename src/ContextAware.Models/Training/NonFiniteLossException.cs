namespace ContextAware.Models.Training;

/// <summary>The loss became NaN or infinite: training stopped before the step was taken.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>Says where.</summary>
    public NonFiniteLossException(double loss, long step, long epoch, long batch)
        : base($"The loss is {loss} at step {step} (epoch {epoch + 1}, batch {batch + 1}). A smaller learning rate or a tighter gradient clip may help.")
    {
    }

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
}
