namespace ContextAware.Models.VisionLanguage;

/// <summary>The sizes of a <see cref="CaptionModel"/>.</summary>
public sealed record CaptionOptions
{
    /// <summary>The pictures.</summary>
    public required PictureSize Picture { get; init; }

    /// <summary>V: how many words there are, <see cref="Data.Vocabulary.Count"/>.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>E: the width of a word's vector.</summary>
    public int EmbeddingWidth { get; init; } = 64;

    /// <summary>D: the width of the LSTM's state.</summary>
    public int HiddenWidth { get; init; } = 256;

    /// <summary>A: the width of the attention's hidden layer; null: D.</summary>
    public int? AttentionWidth { get; init; }

    /// <summary>Dropout on the words' vectors and before the output, from 0 up to but not including 1.</summary>
    public double Dropout { get; init; }
}
