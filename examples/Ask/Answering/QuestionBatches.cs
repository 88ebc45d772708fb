using Ask.Questions;
using ContextAware.Models.Training;
using Examples.Common;

namespace Ask.Answering;

/// <summary>The pictures of a set with their questions, in another order in each epoch.</summary>
/// <param name="set">The pictures.</param>
/// <param name="asker">Turns them into tensors.</param>
/// <param name="batchSize">How many pictures a batch has.</param>
/// <param name="seed">Where the order comes from.</param>
public sealed class QuestionBatches(QuestionSet set, Asker asker, int batchSize, long seed) : ITrainingData<QuestionBatch>
{
    /// <inheritdoc/>
    public int ExampleCount => set.Count;

    /// <inheritdoc/>
    public IEnumerable<QuestionBatch> Epoch(long epoch)
    {
        var order = Enumerable.Range(0, set.Count).ToArray();
        new Random(StableHash.Seed($"{seed} {epoch}")).Shuffle(order);
        foreach (var batch in order.Chunk(batchSize)) yield return asker.Batch(set, batch);
    }
}
