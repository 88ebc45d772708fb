using ContextAware.Models.Data;
using ContextAware.Models.Training;
using Examples.Common;
using Pronounce.Words;

namespace Pronounce.Speech;

/// <summary>How a <see cref="Pronouncer"/> is taught.</summary>
public sealed record Lesson
{
    /// <summary>How.</summary>
    public required TrainerOptions Options { get; init; }

    /// <summary>The most words in a batch.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The part of the truth that is spread over all phones.</summary>
    public double Smoothing { get; init; }

    /// <summary>The part of the training in which a network that looks up n-grams learns without them, from 0 up to but not including 1.</summary>
    public double NGramsFrom { get; init; }

    /// <summary>Where the order of the words comes from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Teaches. Where there are development words, the pupil keeps what it knew when it was best.</summary>
    /// <param name="pupil">Learns.</param>
    /// <param name="words">Training words to learn, development words to judge it after each epoch.</param>
    /// <param name="progress">Told of every event.</param>
    /// <param name="cancellation">Stops after the step at hand.</param>
    /// <exception cref="UserException">A word has an unknown letter or phone.</exception>
    /// <exception cref="NonFiniteLossException">The loss is no longer finite.</exception>
    public TrainingSummary Teach(Pronouncer pupil, WordSets words, IProgress<TrainingEvent> progress, CancellationToken cancellation) =>
        Prepare(pupil, words).Run(progress, cancellation);

    /// <summary>Finds out whether the lesson can be taught, and gets ready to.</summary>
    /// <param name="pupil">Learns.</param>
    /// <param name="words">Training words to learn, development words to judge it after each epoch.</param>
    /// <exception cref="UserException">A word has an unknown letter or phone, or nothing is there to judge by.</exception>
    public Trainer<SequenceBatch> Prepare(Pronouncer pupil, WordSets words)
    {
        var batches = new BucketedBatches(pupil.Examples(words.Train), new() { BatchSize = BatchSize, Parts = Options.AtOnce, Seed = Seed }, pupil.Network.Device);
        var judges = words.Dev.Entries.Count > 0;
        var options = judges ? Options with { KeepBest = true } : Options;
        if (options.Patience is not null && !judges) throw new UserException("Stopping early needs development words to judge by, and there are none.");
        return new(pupil.Network.Module, batches, batch => pupil.Network.Loss(batch, Smoothing), options)
        {
            BeforeStep = pupil.Network.NGramsFrom(NGramsFrom),
            Validate = judges ? () => pupil.Judge(words.Dev).PhoneErrorRate : null,
        };
    }
}
