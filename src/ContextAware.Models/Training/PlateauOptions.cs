namespace ContextAware.Models.Training;

/// <summary>Cuts the learning rate when judging the model shows no gain any more; on top of the schedule.</summary>
/// <param name="Factor">What the learning rate is multiplied with at each cut, above 0 and below 1.</param>
/// <param name="Patience">How many epochs without a gain are waited for before a cut, at least 1.</param>
public sealed record PlateauOptions(double Factor = 0.5, int Patience = 1)
{
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Check(string argument)
    {
        if (Factor is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(argument, Factor, "Expected the factor of a plateau above 0 and below 1.");
        if (Patience < 1) throw new ArgumentOutOfRangeException(argument, Patience, "Expected the patience of a plateau to be at least 1.");
    }
}
