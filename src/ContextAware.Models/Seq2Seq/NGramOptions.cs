namespace ContextAware.Models.Seq2Seq;

/// <summary>The sizes of an <see cref="NGramEmbedding"/>.</summary>
public sealed record NGramOptions
{
    /// <summary>The longest n-gram there can be.</summary>
    public const int Longest = 64;

    /// <summary>The lengths n of the n-grams, from 1 to <see cref="Longest"/>, each once; a table of vectors for each.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [3, 4, 5];

    /// <summary>The most rows of a table. Where there are more possible n-grams, several share a row.</summary>
    public long Rows { get; init; } = 1 << 16;

    /// <summary>The width of a row.</summary>
    public long RowWidth { get; init; } = 32;

    /// <summary>The part of the n-grams that are left out at random, each wholly, while the model learns.</summary>
    public double Dropout { get; init; } = 0.25;
}
