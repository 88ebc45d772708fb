using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// From queries and keys to weights: product, softcap, bias, mask, softmax, in this order. Used for the whole matrix
/// and for blocks of it; in place wherever no gradient needs what was there before.
/// </summary>
/// <param name="Softcap">0: none.</param>
/// <param name="InPlace">Whether nothing of this is recorded for autograd.</param>
internal readonly record struct ScoreChain(double Softcap, bool InPlace)
{
    /// <summary>Scores of scaled queries [B, G, R·T, E] with keys [B, G, S, E]: [B, G, R·T, S], in at least float32.</summary>
    /// <remarks>The scale must hold the division by the softcap: see <see cref="QueryScale"/>.</remarks>
    internal static Tensor Product(Tensor scaledQuery, Tensor key)
    {
        var scores = scaledQuery.matmul(key.transpose(-2, -1));                        // [B, G, R·T, S]
        return scores.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? scores.to(float32) : scores;
    }

    /// <summary>What to multiply the queries with.</summary>
    internal double QueryScale(double scale) => Softcap > 0 ? scale / Softcap : scale;

    /// <summary>tanh(score / c), or null without softcap. Overwrites the scores where it may.</summary>
    internal Tensor? Tanh(Tensor scores) => Softcap > 0 ? InPlace ? scores.tanh_() : scores.tanh() : null;

    /// <summary>e^score instead of the scores, and the sums of its rows, which the output is to be divided by: softmax without its last pass.</summary>
    /// <remarks>Only for scores that <see cref="ScoreBound"/> knows to be small. A row that sees nothing has zeros, and the sum 1.</remarks>
    /// <param name="scores">[b, g, R, t, s]; overwritten.</param>
    /// <param name="visible">What these queries see.</param>
    /// <returns>[b, g, R, t, s] and [b, g, R, t, 1].</returns>
    internal static (Tensor Weights, Tensor Sums) Exponentials(Tensor scores, in VisibleKeys visible)
    {
        var weights = scores.exp_();
        if (visible.Hidden is { } hidden)
            weights.masked_fill_(hidden, 0);
        var sums = weights.sum(-1, keepdim: true);
        if (visible.Empty is { } empty)
            sums.masked_fill_(empty, 1);
        return (weights, sums);
    }

    /// <summary>Weights from scores, or from the tanh of them; all of [B, G, R, T, S] or broadcastable to it.</summary>
    internal Tensor Weights(Tensor scores, Tensor? tanh, Tensor? bias, in VisibleKeys visible)
    {
        var x = tanh is null ? scores : tanh.mul(Softcap);
        if (bias is not null)
            x = InPlace ? x.add_(bias) : x.add(bias);
        if (visible.Hidden is { } hidden)
            x = InPlace ? x.masked_fill_(hidden, double.NegativeInfinity) : x.masked_fill(hidden, double.NegativeInfinity);
        if (visible.Empty is not { } empty)
            return x.softmax(-1);
        // A row of equal scores: neither softmax nor its derivative meets ∞ − ∞.
        x = InPlace ? x.masked_fill_(empty, 0) : x.masked_fill(empty, 0);
        var weights = x.softmax(-1);
        return InPlace ? weights.masked_fill_(empty, 0) : weights.masked_fill(empty, 0);
    }
}
