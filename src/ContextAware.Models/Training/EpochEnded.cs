namespace ContextAware.Models.Training;

/// <summary>All examples were gone through once more.</summary>
/// <param name="Step">How many steps have been taken.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Elapsed">The time since training began.</param>
/// <param name="Loss">The mean loss of the epoch's examples.</param>
/// <param name="Validation">What <see cref="Trainer{TBatch}.Validate"/> said; null if nobody was asked.</param>
public sealed record EpochEnded(long Step, long Epoch, TimeSpan Elapsed, double Loss, double? Validation)
    : TrainingEvent(Step, Epoch, Elapsed);
