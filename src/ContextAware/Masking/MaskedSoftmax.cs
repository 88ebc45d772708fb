using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>Softmax over the keys that may be attended to.</summary>
public static class MaskedSoftmax
{
    /// <summary>
    /// Weights w = exp(x − max x) / Σ exp(x − max x) over the allowed entries of the last dimension; 0 elsewhere.
    /// </summary>
    /// <remarks>
    /// Computed in at least float32 and returned in the type of <paramref name="scores"/>. A row with nothing allowed
    /// gives zeros, with zero gradient. What hidden entries hold, NaN and infinity too, changes neither
    /// weights nor gradients.
    /// </remarks>
    /// <param name="scores">[…, T, S], floating point.</param>
    /// <param name="allowed">Bool, broadcastable to the shape of <paramref name="scores"/>; null allows everything.</param>
    /// <returns>[…, T, S].</returns>
    /// <exception cref="ArgumentException">A type is wrong, or <paramref name="allowed"/> doesn't broadcast.</exception>
    public static Tensor Apply(Tensor scores, Tensor? allowed)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Check(scores, allowed);
        using var scope = NewDisposeScope();
        var dtype = scores.dtype;
        var precise = dtype is ScalarType.Float16 or ScalarType.BFloat16 ? scores.to(float32) : scores;
        var weights = allowed is null ? precise.softmax(-1) : Masked(precise, allowed);
        return weights.to(dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Masked(Tensor scores, Tensor allowed)
    {
        var hasAny = allowed.any(-1, keepdim: true);                                   // […, T, 1]
        // A row without any entry gets equal scores, so that neither softmax nor its derivative meets ∞ − ∞.
        var filler = zeros([], scores.dtype, scores.device).masked_fill(hasAny, double.NegativeInfinity);
        return where(allowed, scores, filler).softmax(-1).masked_fill(hasAny.logical_not(), 0);
    }

    private static void Check(Tensor scores, Tensor? allowed)
    {
        if (!scores.is_floating_point() || scores.Dimensions == 0)
            throw new ArgumentException($"Expected floating-point scores […, T, S], got {scores.dtype} {ShapeText.Of(scores)}.", nameof(scores));
        if (allowed is null)
            return;
        if (allowed.dtype != ScalarType.Bool)
            throw new ArgumentException($"Expected bool (true may attend), got {allowed.dtype}.", nameof(allowed));
        if (allowed.device_type != scores.device_type || allowed.device_index != scores.device_index)
            throw new ArgumentException($"Expected the scores' device {scores.device}, got {allowed.device}.", nameof(allowed));
        var (full, part) = (scores.shape, allowed.shape);
        var fits = part.Length <= full.Length && part.Reverse().Zip(full.Reverse(), (p, f) => p == f || p == 1).All(ok => ok);
        if (!fits)
            throw new ArgumentException($"Expected a shape that broadcasts to {ShapeText.Of(full)}, got {ShapeText.Of(part)}.", nameof(allowed));
    }
}
