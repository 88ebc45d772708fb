namespace ContextAware.Models.Training;

/// <summary>Where and how often a <see cref="Trainer{TBatch}"/> keeps its state, so that a run can be taken up again.</summary>
/// <remarks>
/// One file, <see cref="FileName"/>, is replaced each time, whole or not at all: after a kill at any moment it is the last
/// whole one. On the CPU, with a budget of epochs and as many threads, a run that was killed and taken up gives the weights
/// of one that wasn't, bit by bit, if no two threads draw from torch's own generator (<see cref="BatchGradients"/>). On CUDA dropout goes on with other random numbers: TorchSharp can't read that generator.
/// </remarks>
/// <param name="Folder">The folder, of this run alone; it is made if it is missing.</param>
public sealed record CheckpointOptions(string Folder)
{
    /// <summary>The name of the file with the state of a training.</summary>
    public const string FileName = "training.safetensors";

    /// <summary>Keep the state after so many steps; null doesn't count steps. The end of an epoch always keeps it.</summary>
    public long? EverySteps { get; init; }

    /// <summary>Keep the state after so much time; null doesn't look at the clock.</summary>
    public TimeSpan? Every { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Take up the run whose state is in the folder, if there is one; otherwise start anew and replace it.</summary>
    public bool Resume { get; init; }

    /// <summary>The file with the state.</summary>
    public string Path => System.IO.Path.Combine(Folder, FileName);

    /// <exception cref="ArgumentException">The folder is empty, or an interval is not positive.</exception>
    internal void Check(string argument)
    {
        if (string.IsNullOrWhiteSpace(Folder)) throw new ArgumentException("Expected a folder for checkpoints, got an empty name.", argument);
        if (EverySteps <= 0) throw new ArgumentException($"Expected a positive number of steps between checkpoints, got {EverySteps}.", argument);
        if (Every <= TimeSpan.Zero) throw new ArgumentException($"Expected a positive time between checkpoints, got {Every}.", argument);
    }

    /// <summary>Whether the state should be kept.</summary>
    /// <param name="steps">The steps since it was kept.</param>
    /// <param name="time">The time since then.</param>
    internal bool IsDue(long steps, TimeSpan time) => steps >= EverySteps || time >= Every;
}
