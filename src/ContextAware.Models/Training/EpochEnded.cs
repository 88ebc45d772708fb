namespace ContextAware.Models.Training;

/// <summary>All examples were gone through once more. While it is reported, the model has the weights that were judged, in eval mode.</summary>
/// <param name="Step">How many steps have been taken.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Elapsed">The time that training has taken.</param>
/// <param name="Loss">The mean loss of the epoch's batches, each by its weight.</param>
/// <param name="Validation">What <see cref="Trainer{TBatch}.Validate"/> said; null if nobody was asked.</param>
/// <param name="IsBest">Whether that is lower than ever before.</param>
public sealed record EpochEnded(long Step, long Epoch, TimeSpan Elapsed, double Loss, double? Validation, bool IsBest)
    : TrainingEvent(Step, Epoch, Elapsed);
