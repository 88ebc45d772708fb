namespace ContextAware.Models.Seq2Seq;

/// <summary>How well a position of the source fits a state: the score functions by name.</summary>
public enum ScoreKind
{
    /// <summary>vᵀ tanh(W_q q + W_k k): Bahdanau et al. 2015.</summary>
    Additive,

    /// <summary>The additive score with weight normalisation: Raffel et al. 2017.</summary>
    NormalizedAdditive,

    /// <summary>qᵀk: Luong et al. 2015. State and source must be equally wide.</summary>
    Dot,

    /// <summary>qᵀk/√D: Vaswani et al. 2017. State and source must be equally wide.</summary>
    ScaledDot,

    /// <summary>qᵀWk: Luong et al. 2015.</summary>
    General,

    /// <summary>vᵀ tanh(W[q;k]): Luong et al. 2015.</summary>
    Concat,

    /// <summary>The cosine over a learned temperature: Graves et al. 2014. State and source must be equally wide.</summary>
    Cosine,

    /// <summary>The additive score that sees where the last step looked: Chorowski et al. 2015.</summary>
    Location,
}
