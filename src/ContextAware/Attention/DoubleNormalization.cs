using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// The double normalisation of external attention: softmax over the tokens for each memory slot, then the sum over the
/// slots brought to one for each token. Guo et al. 2021 (arXiv 2105.02358), section 3.2, eq. 8 to 10.
/// </summary>
/// <remarks>
/// With x the scores and L_m = log Σ_n exp x_nm over the tokens, the two steps together are softmax_m(x_nm − L_m): the same
/// numbers, but no division, so a token whose first softmax is tiny in every slot can't bring forth 0/0.
/// </remarks>
internal static class DoubleNormalization
{
    /// <summary>Weights of tokens over memory slots.</summary>
    /// <param name="scores"><c>[…,N,M]</c>: N tokens, M slots.</param>
    /// <param name="hidden">bool, true for tokens that don't count, broadcastable to <c>[…,N,1]</c>; null: all count.</param>
    /// <returns><c>[…,N,M]</c>: each row sums to one, or is zero for a hidden token.</returns>
    public static Tensor Apply(Tensor scores, Tensor? hidden)
    {
        using var scope = NewDisposeScope();
        var dtype = scores.dtype;
        var precise = dtype is ScalarType.Float16 or ScalarType.BFloat16 ? scores.to(float32) : scores;
        var weights = hidden is null
            ? precise.log_softmax(-2).softmax(-1)
            : OverVisible(precise, hidden);
        return weights.to(dtype).MoveToOuterDisposeScope();
    }

    private static Tensor OverVisible(Tensor scores, Tensor hidden)
    {
        // Where all tokens are hidden, equal scores rather than −∞, so that neither sum nor derivative meets ∞ − ∞.
        var none = hidden.all(-2, keepdim: true);
        var outside = zeros([], scores.dtype, scores.device).masked_fill(none.logical_not(), double.NegativeInfinity);
        var overTokens = where(hidden, outside, scores).logsumexp(-2, keepdim: true);          // L […,1,M]
        return (scores - overTokens).softmax(-1).masked_fill(hidden, 0);
    }
}
