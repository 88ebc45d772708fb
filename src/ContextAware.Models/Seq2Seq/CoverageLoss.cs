using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Punishes looking twice at the same place: See et al. 2017 (arXiv 1704.04368), eq. 12.</summary>
public static class CoverageLoss
{
    /// <summary>The mean over all steps that count of Σ_s min(weight, sum of the weights before).</summary>
    /// <param name="weights">Where each step looked <c>[B,T,S]</c>.</param>
    /// <param name="counts">Which steps count, bool <c>[B,T]</c>: those that are no padding; null: all.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public static Tensor Of(Tensor weights, Tensor? counts = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var shape = weights.shape;
        if (shape.Length != 3) throw new ArgumentException($"Expected [B,T,S], got {ShapeText.Compact(shape)}.", nameof(weights));
        if (counts is not null && !counts.shape.AsSpan().SequenceEqual(shape.AsSpan(0, 2)))
            throw new ArgumentException($"Expected [{shape[0]},{shape[1]}], got {ShapeText.Compact(counts)}.", nameof(counts));
        using var scope = NewDisposeScope();
        var before = weights.cumsum(1) - weights;                                          // c, eq. 10 [B,T,S]
        var steps = minimum(weights, before).sum(-1L);                                     // [B,T]
        var loss = counts is null ? steps.mean() : steps.masked_fill(counts.logical_not(), 0).sum() / counts.sum();
        return loss.MoveToOuterDisposeScope();
    }
}
