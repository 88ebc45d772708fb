namespace ContextAware.Models.Seq2Seq;

/// <summary>The sizes of a <see cref="RecurrentSeq2Seq"/>.</summary>
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

    /// <summary>D: the width of the decoder's state.</summary>
    public long HiddenWidth { get; init; } = 256;

    /// <summary>H: the width of one direction of the encoder; null takes D, halved if there are two directions.</summary>
    public long? EncoderWidth { get; init; }

    /// <summary>The width in which state and source are compared; null takes D.</summary>
    public long? AttentionWidth { get; init; }

    /// <summary>How many layers the encoder has.</summary>
    public int EncoderLayers { get; init; } = 1;

    /// <summary>Whether the encoder reads in both directions.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>Dropout on the symbols' vectors, between layers and before the output.</summary>
    public double Dropout { get; init; }
}
