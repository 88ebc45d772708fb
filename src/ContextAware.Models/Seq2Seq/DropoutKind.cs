namespace ContextAware.Models.Seq2Seq;

/// <summary>What dropout between recurrent layers chooses anew.</summary>
public enum DropoutKind
{
    /// <summary>Each number at each position, as in PyTorch's recurrent layers.</summary>
    Plain,

    /// <summary>
    /// Each number of a sequence once, for all positions: Gal and Ghahramani 2016 (arXiv 1512.05287), section 4.
    /// </summary>
    Variational,
}
