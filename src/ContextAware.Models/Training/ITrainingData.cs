namespace ContextAware.Models.Training;

/// <summary>Examples to learn from, in batches, epoch by epoch.</summary>
/// <typeparam name="TBatch">What a batch is.</typeparam>
public interface ITrainingData<out TBatch>
    where TBatch : ITrainingBatch
{
    /// <summary>How many examples an epoch has.</summary>
    int ExampleCount { get; }

    /// <summary>The batches of one epoch, made one by one as they are asked for. Whoever takes a batch disposes it.</summary>
    /// <param name="epoch">Which epoch, from 0. The same epoch gives the same batches in the same order.</param>
    IEnumerable<TBatch> Epoch(long epoch);

    /// <summary>The batches of one epoch from one on, to take up a run in the middle of an epoch.</summary>
    /// <param name="epoch">Which epoch, from 0.</param>
    /// <param name="skip">How many batches to leave out at the beginning.</param>
    IEnumerable<TBatch> Epoch(long epoch, long skip)
    {
        foreach (var batch in Epoch(epoch))
        {
            if (skip <= 0)
            {
                yield return batch;
                continue;
            }

            skip--;
            batch.Dispose();
        }
    }
}
