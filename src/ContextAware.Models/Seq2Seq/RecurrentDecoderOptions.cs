namespace ContextAware.Models.Seq2Seq;

/// <summary>The sizes and the arrangement of a <see cref="RecurrentDecoder"/>.</summary>
public sealed record RecurrentDecoderOptions
{
    /// <summary>When it looks at the source.</summary>
    public DecoderKind Kind { get; init; } = DecoderKind.Bahdanau;

    /// <summary>GRU or LSTM.</summary>
    public CellKind Cell { get; init; } = CellKind.Gru;

    /// <summary>V: how many numbers the vocabulary has.</summary>
    public required long Vocabulary { get; init; }

    /// <summary>E: the width of a symbol's vector.</summary>
    public required long EmbeddingWidth { get; init; }

    /// <summary>W: the width of the source.</summary>
    public required long SourceWidth { get; init; }

    /// <summary>D: the width of a layer's state.</summary>
    public required long Width { get; init; }

    /// <summary>L: how many layers lie on each other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>
    /// Whether each layer above the first adds its input to its output: Wu et al. 2016 (arXiv 1609.08144), eq. 6.
    /// </summary>
    public bool Residual { get; init; }

    /// <summary>Dropout on the symbols' vectors, between layers and before the output, from 0 up to but not including 1.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// How far from a predicted position a step may look, in positions, at least 1: "local-p", Luong et al. 2015
    /// (arXiv 1508.04025), section 3.2. Null: anywhere.
    /// </summary>
    public long? Window { get; init; }

    /// <summary>
    /// Whether each step knows how much attention each position has had: See et al. 2017 (arXiv 1704.04368), eq. 11.
    /// <see cref="CoverageLoss"/> is the loss that goes with it.
    /// </summary>
    public bool Coverage { get; init; }

    /// <summary>
    /// Whether a gate weighs the whole of what a step sees, β·cₜ with β = σ(w sₜ + b) of the state that looks: Xu et al. 2015,
    /// "Show, attend and tell" (arXiv 1502.03044), section 4.2.1.
    /// </summary>
    public bool Gate { get; init; }

    /// <summary>Whether symbols can be copied from the source: See et al. 2017, eq. 8 and 9.</summary>
    public bool Copy { get; init; }

    /// <summary>
    /// Whether the output compares with the symbols' own vectors instead of having weights of its own: Press and Wolf 2017
    /// (arXiv 1608.05859).
    /// </summary>
    public bool TiedEmbeddings { get; init; }
}
