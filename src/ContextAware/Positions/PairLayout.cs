namespace ContextAware.Positions;

/// <summary>Which two components of a vector share one frequency.</summary>
public enum PairLayout
{
    /// <summary>Neighbours: components 2i and 2i+1, as in the papers, GPT-J and the original Llama weights.</summary>
    Interleaved,

    /// <summary>One of each half: components i and i + width/2, as in GPT-NeoX and the converted Llama weights.</summary>
    Halves,
}
