using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace ContextAware.Models.Data;

/// <summary>
/// Cuts examples into batches of like length, in a new random order every epoch.
/// </summary>
/// <remarks>
/// Batches of like length hold little padding; where all sources of a batch are equally long, a model needs neither packing
/// nor a mask. An epoch's order depends on the seed and the epoch alone, so that a run can be taken up anywhere.
/// </remarks>
public sealed class BucketedBatches : ITrainingData<SequenceBatch>
{
    private readonly IReadOnlyList<SequencePair> pairs;
    private readonly BucketingOptions options;
    private readonly Device? device;

    /// <summary>Takes the examples.</summary>
    /// <param name="pairs">The examples.</param>
    /// <param name="options">How to cut them.</param>
    /// <param name="device">Where the batches go; the CPU if null.</param>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is not positive.</exception>
    public BucketedBatches(IReadOnlyList<SequencePair> pairs, BucketingOptions options, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        if (pairs.Count == 0) throw new ArgumentException("Expected at least one example, got none.", nameof(pairs));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TokenBudget ?? 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PoolBatches ?? 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Parts, nameof(options));
        this.pairs = pairs;
        this.options = options;
        this.device = device;
    }

    /// <inheritdoc/>
    public int ExampleCount => pairs.Count;

    /// <inheritdoc/>
    public IEnumerable<SequenceBatch> Epoch(long epoch) => Epoch(epoch, skip: 0);

    /// <inheritdoc/>
    public IEnumerable<SequenceBatch> Epoch(long epoch, long skip) => Groups(epoch).Skip((int)skip).Select(group => SequenceBatch.Create(group, device));

    /// <summary>Which examples come together in one epoch.</summary>
    /// <param name="epoch">Which epoch, from 0.</param>
    /// <returns>Every example once.</returns>
    public IReadOnlyList<IReadOnlyList<SequencePair>> Groups(long epoch)
    {
        var random = new DeterministicRandom(options.Seed, epoch);
        var order = Enumerable.Range(0, pairs.Count).ToArray();
        random.Shuffle(order);
        var pool = options.PoolBatches is { } batches ? (int)Math.Min(pairs.Count, (long)batches * options.BatchSize) : pairs.Count;
        var cut = new List<IReadOnlyList<SequencePair>>();
        foreach (var chunk in order.Chunk(pool)) Cut(chunk, cut);
        random.Shuffle(cut);
        return options.Parts == 1 ? cut : [.. cut.OrderBy(batch => batch.Count < options.Parts).SelectMany(Divide)];
    }

    // Within a batch, targets grow longer: each part takes as many of the short as of the long.
    private IEnumerable<IReadOnlyList<SequencePair>> Divide(IReadOnlyList<SequencePair> batch) =>
        batch.Count < options.Parts
            ? [batch]
            : Enumerable.Range(0, options.Parts).Select(part => batch.Where((_, i) => i % options.Parts == part).ToArray());

    // OrderBy is stable: examples of equal length keep their random order.
    private void Cut(int[] chunk, List<IReadOnlyList<SequencePair>> into)
    {
        var batch = new List<SequencePair>(options.BatchSize);
        var longest = 0;
        foreach (var pair in chunk.Select(index => pairs[index]).OrderBy(pair => pair.Source.Length).ThenBy(pair => pair.Target.Length))
        {
            var length = Math.Max(longest, Math.Max(pair.Source.Length, pair.Target.Length + 1));
            if (batch.Count == options.BatchSize || (batch.Count > 0 && (long)length * (batch.Count + 1) > options.TokenBudget))
            {
                into.Add(batch);
                batch = new List<SequencePair>(options.BatchSize);
                length = Math.Max(pair.Source.Length, pair.Target.Length + 1);
            }

            batch.Add(pair);
            longest = length;
        }

        into.Add(batch);
    }
}
