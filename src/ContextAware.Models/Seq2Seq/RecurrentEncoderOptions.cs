namespace ContextAware.Models.Seq2Seq;

/// <summary>The sizes of a <see cref="RecurrentEncoder"/>.</summary>
public sealed record RecurrentEncoderOptions
{
    /// <summary>GRU or LSTM.</summary>
    public CellKind Cell { get; init; } = CellKind.Gru;

    /// <summary>E: the width of what is read.</summary>
    public required long InputWidth { get; init; }

    /// <summary>H: the width of one direction.</summary>
    public required long HiddenWidth { get; init; }

    /// <summary>How many layers lie on each other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether each layer reads in both directions.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>
    /// Whether each layer above the first adds its input to its output: Wu et al. 2016 (arXiv 1609.08144), eq. 6.
    /// </summary>
    public bool Residual { get; init; }

    /// <summary>
    /// Dropout between layers, from 0 up to but not including 1; needs more than one layer to matter. Plain dropout without
    /// residual connections is libtorch's own, which draws from torch's generator: where a trainer works on several batches side
    /// by side, the same seed gives other weights each time. Variational dropout has random numbers of its own.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>Whether each number is dropped by itself, or one choice holds for the whole sequence.</summary>
    public DropoutKind DropoutKind { get; init; }
}
