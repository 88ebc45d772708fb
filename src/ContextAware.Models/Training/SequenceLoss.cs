using ContextAware.Models.Data;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Losses over sequences.</summary>
public static class SequenceLoss
{
    /// <summary>The mean of −log p(true symbol) over all symbols that are no padding.</summary>
    /// <param name="logits">Unnormalised log-probabilities <c>[B,T,V]</c>.</param>
    /// <param name="target">The true symbols <c>[B,T]</c> int64.</param>
    /// <param name="smoothing">
    /// ε: the part of the truth that is spread evenly over all V symbols, from 0 up to but not including 1: Szegedy et al. 2016
    /// (arXiv 1512.00567), section 7.
    /// </param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is out of range.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor target, double smoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(target);
        if (smoothing is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Expected a part from 0 up to but not including 1.");
        using var scope = NewDisposeScope();
        return nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index: Vocabulary.Padding, label_smoothing: smoothing)
            .MoveToOuterDisposeScope();
    }
}
