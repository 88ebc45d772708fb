namespace ContextAware.Models.Training;

/// <summary>Examples that are learned from in one step.</summary>
public interface ITrainingBatch : IDisposable
{
    /// <summary>How many examples there are.</summary>
    int Size { get; }

    /// <summary>How many things the batch's loss is the mean of: its examples, unless it says otherwise.</summary>
    long Weight => Size;
}
