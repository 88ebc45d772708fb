using ContextAware.Models.Seq2Seq;

namespace Scan.Language;

/// <summary>What it takes to make a <see cref="Translator"/> again.</summary>
public sealed record TranslatorSettings
{
    /// <summary>The words, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The actions, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>GRU or LSTM.</summary>
    public CellKind Cell { get; init; } = CellKind.Lstm;

    /// <summary>The width of the decoder's state; each direction of the encoder has half of it.</summary>
    public int Hidden { get; init; } = 128;

    /// <summary>The width of a word's and an action's vector.</summary>
    public int Embedding { get; init; } = 32;

    /// <summary>Dropout while training.</summary>
    public double Dropout { get; init; }
}
