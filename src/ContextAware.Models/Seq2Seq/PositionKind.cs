namespace ContextAware.Models.Seq2Seq;

/// <summary>How a transformer learns where a symbol stands.</summary>
public enum PositionKind
{
    /// <summary>Fixed sines and cosines, added to the symbols' vectors (Vaswani et al. 2017).</summary>
    Sinusoidal,

    /// <summary>Learned vectors, added to the symbols' vectors; sequences can't be longer than there are vectors.</summary>
    Learned,

    /// <summary>Queries and keys are turned (Su et al. 2021).</summary>
    Rotary,

    /// <summary>Distant scores are lowered (Press et al. 2022).</summary>
    Alibi,

    /// <summary>A learned bias for each head and bucket of distances (Raffel et al. 2020).</summary>
    Relative,
}
