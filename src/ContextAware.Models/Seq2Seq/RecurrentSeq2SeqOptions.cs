namespace ContextAware.Models.Seq2Seq;

/// <summary>The sizes and the arrangement of a <see cref="RecurrentSeq2Seq"/>.</summary>
public sealed record RecurrentSeq2SeqOptions
{
    /// <summary>How many numbers the source vocabulary has.</summary>
    public required long SourceVocabulary { get; init; }

    /// <summary>How many numbers the target vocabulary has.</summary>
    public required long TargetVocabulary { get; init; }

    /// <summary>GRU or LSTM, on both sides.</summary>
    public CellKind Cell { get; init; } = CellKind.Gru;

    /// <summary>E: the width of a symbol's vector, on both sides.</summary>
    public long EmbeddingWidth { get; init; } = 64;

    /// <summary>D: the width of the decoder's states.</summary>
    public long HiddenWidth { get; init; } = 256;

    /// <summary>H: the width of one direction of the encoder; null takes D, halved if there are two directions.</summary>
    public long? EncoderWidth { get; init; }

    /// <summary>When the decoder looks at the source.</summary>
    public DecoderKind Decoder { get; init; } = DecoderKind.Bahdanau;

    /// <summary>How well a position of the source fits a state; of no use to a plain decoder.</summary>
    public ScoreKind Score { get; init; } = ScoreKind.Additive;

    /// <summary>The width in which state and source are compared, by the scores with a tanh; null takes D.</summary>
    public long? AttentionWidth { get; init; }

    /// <summary>How many layers the encoder has.</summary>
    public int EncoderLayers { get; init; } = 1;

    /// <summary>How many layers the decoder has.</summary>
    public int DecoderLayers { get; init; } = 1;

    /// <summary>Whether the encoder reads in both directions.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>Whether layers above the first add their input to their output, on both sides.</summary>
    public bool Residual { get; init; }

    /// <summary>Dropout on the symbols' vectors, between layers and before the output.</summary>
    public double Dropout { get; init; }

    /// <summary>What dropout between the encoder's layers chooses anew.</summary>
    public DropoutKind EncoderDropout { get; init; }

    /// <inheritdoc cref="RecurrentDecoderOptions.Window"/>
    public long? Window { get; init; }

    /// <inheritdoc cref="RecurrentDecoderOptions.Coverage"/>
    public bool Coverage { get; init; }

    /// <inheritdoc cref="RecurrentDecoderOptions.Copy"/>
    public bool Copy { get; init; }

    /// <summary>
    /// For each number of the source vocabulary, what copying it writes; null: the same number, for a vocabulary that both
    /// sides share.
    /// </summary>
    public IReadOnlyList<long>? CopyNumbers { get; init; }

    /// <inheritdoc cref="RecurrentDecoderOptions.TiedEmbeddings"/>
    public bool TiedEmbeddings { get; init; }
}
