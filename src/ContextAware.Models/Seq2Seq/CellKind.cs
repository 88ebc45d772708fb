namespace ContextAware.Models.Seq2Seq;

/// <summary>The kind of recurrent cell.</summary>
public enum CellKind
{
    /// <summary>Gated recurrent unit: Cho et al. 2014 (arXiv 1406.1078). One state vector.</summary>
    Gru,

    /// <summary>Long short-term memory: Hochreiter and Schmidhuber 1997. A state vector and a cell vector.</summary>
    Lstm,
}
