using ContextAware.Loops;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>Σ_s w[b,s]·x[b,s,:] and its opposite, the fast way for the size at hand.</summary>
/// <remarks>
/// A batched product of single rows is a loop of tiny products in a libtorch without MKL. While the elementwise product
/// stays in the processor's cache it takes a third of the time; when it doesn't, its memory is not worth it.
/// </remarks>
internal static class WeightedSum
{
    private const long SmallEnough = 1L << 20;

    /// <summary><c>[B,S]</c> and <c>[B,S,C]</c> → <c>[B,C]</c>.</summary>
    public static Tensor Over(Tensor weights, Tensor values)
    {
        using var scope = NewDisposeScope();
        var rows = weights.unsqueeze(1);
        var sum = SumLoops.Serve(rows, values) ? SumLoops.Sums(rows, values).squeeze(1)
            : values.numel() <= SmallEnough
            ? (values * weights.unsqueeze(2)).sum(1L)
            : bmm(rows, values).squeeze(1);
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of the weights <c>[B,S]</c>, given that of the sum <c>[B,C]</c>.</summary>
    public static Tensor ToWeights(Tensor gradient, Tensor values)
    {
        using var scope = NewDisposeScope();
        var rows = gradient.unsqueeze(1);
        var sum = SumLoops.Serve(rows, values) ? SumLoops.Products(rows, values).squeeze(1)
            : values.numel() <= SmallEnough
            ? (values * gradient.unsqueeze(1)).sum(2L)
            : bmm(values, gradient.unsqueeze(2)).squeeze(2);
        return sum.MoveToOuterDisposeScope();
    }
}
