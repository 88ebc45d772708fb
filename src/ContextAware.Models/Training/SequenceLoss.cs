using ContextAware.Models.Data;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Losses over sequences.</summary>
public static class SequenceLoss
{
    /// <summary>The mean of −log p(true symbol) over all symbols that are no padding.</summary>
    /// <param name="logits">Unnormalised log-probabilities <c>[B,T,V]</c>.</param>
    /// <param name="target">The true symbols <c>[B,T]</c> int64.</param>
    /// <returns>A scalar.</returns>
    public static Tensor CrossEntropy(Tensor logits, Tensor target)
    {
        using var scope = NewDisposeScope();
        return nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index: Vocabulary.Padding)
            .MoveToOuterDisposeScope();
    }
}
