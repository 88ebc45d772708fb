using ContextAware.Models.Data;
using ContextAware.Models.Training;
using Pronounce.Words;

namespace Pronounce.Speech;

/// <summary>How a <see cref="Pronouncer"/> is taught.</summary>
public sealed record Lesson
{
    /// <summary>How long.</summary>
    public required TrainingBudget Budget { get; init; }

    /// <summary>The most words in a batch.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Where the order of the words comes from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Teaches.</summary>
    /// <param name="pupil">Learns.</param>
    /// <param name="words">Training words to learn, development words to judge it after each epoch.</param>
    /// <param name="progress">Told of every event.</param>
    /// <param name="cancellation">Stops after the step at hand.</param>
    /// <exception cref="UserException">A word has an unknown letter or phone, or the loss is no longer finite.</exception>
    public TrainingSummary Teach(Pronouncer pupil, WordSets words, IProgress<TrainingEvent> progress, CancellationToken cancellation)
    {
        var batches = new BucketedBatches(pupil.Examples(words.Train), new() { BatchSize = BatchSize, Seed = Seed }, pupil.Device);
        var options = new TrainerOptions { Budget = Budget, LearningRate = LearningRate };
        var trainer = new Trainer<SequenceBatch>(pupil.Model, batches, pupil.Loss, options)
        {
            Validate = words.Dev.Entries.Count > 0 ? () => pupil.Judge(words.Dev).PhoneErrorRate : null,
        };
        try
        {
            return trainer.Run(progress, cancellation);
        }
        catch (NonFiniteLossException error)
        {
            throw new UserException(error.Message, error);
        }
    }
}
