namespace ContextAware.Attention;

/// <summary>The ways to compute scaled dot-product attention. All give the same numbers.</summary>
public enum AttentionPath
{
    /// <summary>libtorch's own kernel, <c>functional.scaled_dot_product_attention</c>.</summary>
    Fused,

    /// <summary>Scores, softmax and weighted sum one after the other, over the whole T×S matrix.</summary>
    Explicit,

    /// <summary>
    /// The same steps in blocks of queries, forward and backward: memory grows with S instead of T×S, and what a
    /// block needs stays in the processor's caches. On a CPU with AVX2, loops of ours do it for float32 and half precision
    /// where there is no softcap and no gradient of a bias.
    /// </summary>
    Blocks,
}
