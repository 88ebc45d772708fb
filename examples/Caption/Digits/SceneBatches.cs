using ContextAware.Models.Data;
using ContextAware.Models.Training;

namespace Caption.Digits;

/// <summary>New pictures in every epoch, of the same digits; the same epoch of the same seed gives the same ones.</summary>
/// <param name="digits">Where the digits come from.</param>
/// <param name="words">The words of the captions.</param>
/// <param name="count">How many pictures an epoch has.</param>
/// <param name="batchSize">How many a batch has.</param>
/// <param name="seed">Chooses digits and places.</param>
public sealed class SceneBatches(DigitSet digits, Vocabulary words, int count, int batchSize, long seed) : ITrainingData<SceneBatch>
{
    /// <inheritdoc/>
    public int ExampleCount => count;

    /// <inheritdoc/>
    public IEnumerable<SceneBatch> Epoch(long epoch)
    {
        var random = new Random(HashCode(epoch));
        for (var left = count; left > 0; left -= batchSize)
            yield return SceneBatch.Create([.. Enumerable.Range(0, Math.Min(left, batchSize)).Select(_ => Scene.Draw(digits, random))], words);
    }

    // System.HashCode is seeded afresh in every process.
    private int HashCode(long epoch) => unchecked((int)((seed * 1000003) + epoch));
}
