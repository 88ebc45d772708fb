namespace ContextAware.Models.VisionLanguage;

/// <summary>The sizes of a <see cref="QuestionAnsweringModel"/>.</summary>
public sealed record QuestionAnsweringOptions
{
    /// <summary>The pictures.</summary>
    public required PictureSize Picture { get; init; }

    /// <summary>How many words there are, <see cref="Data.Vocabulary.Count"/>.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>A: how many answers there are.</summary>
    public required int Answers { get; init; }

    /// <summary>The width of a word's vector.</summary>
    public int EmbeddingWidth { get; init; } = 32;

    /// <summary>Q: the width of a question.</summary>
    public int QuestionWidth { get; init; } = 128;

    /// <summary>The width of the attention's and of the classifier's hidden layer.</summary>
    public int HiddenWidth { get; init; } = 256;

    /// <summary>Whether maps follow each other (<see cref="StackedAttention"/>) or are made at once (<see cref="GlimpseAttention"/>).</summary>
    public bool Stacked { get; init; }

    /// <summary>G: how many maps.</summary>
    public int Maps { get; init; } = 2;

    /// <summary>Whether glimpses see features of length 1, as in the paper.</summary>
    public bool NormalizeFeatures { get; init; } = true;

    /// <summary>Dropout in attention and classifier, from 0 up to but not including 1.</summary>
    public double Dropout { get; init; }
}
