namespace ContextAware.Models.Training;

/// <summary>How long to train: until the first of the limits given is reached. At least one must be given.</summary>
/// <param name="Epochs">Passes through the data, or null.</param>
/// <param name="Time">Time on the clock, or null. With it, the result depends on the machine's speed.</param>
public sealed record TrainingBudget(int? Epochs = null, TimeSpan? Time = null)
{
    /// <summary>The part of the budget that is used up, 0 to 1.</summary>
    internal double Used(double epochs, TimeSpan elapsed) => Math.Clamp(Math.Max(
        Epochs is { } limit ? epochs / limit : 0,
        Time is { } time ? elapsed / time : 0), 0, 1);

    /// <exception cref="ArgumentException">No limit is given, or one is not positive.</exception>
    internal void Check(string argument)
    {
        if (Epochs is null && Time is null) throw new ArgumentException("Expected a limit of epochs or of time, got neither.", argument);
        if (Epochs <= 0) throw new ArgumentException($"Expected a positive number of epochs, got {Epochs}.", argument);
        if (Time <= TimeSpan.Zero) throw new ArgumentException($"Expected a positive time, got {Time}.", argument);
    }
}
