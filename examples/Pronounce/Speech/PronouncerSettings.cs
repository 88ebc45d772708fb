using ContextAware.Models.Seq2Seq;

namespace Pronounce.Speech;

/// <summary>What it takes to make a <see cref="Pronouncer"/> again: its alphabets and sizes.</summary>
public sealed record PronouncerSettings
{
    /// <summary>The letters, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Letters { get; init; }

    /// <summary>The phones, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Phones { get; init; }

    /// <summary>Whether vowels carry stress digits.</summary>
    public bool Stress { get; init; }

    /// <summary>GRU or LSTM.</summary>
    public CellKind Cell { get; init; } = CellKind.Gru;

    /// <summary>The width of the decoder's state; each direction of the encoder has half of it.</summary>
    public int Hidden { get; init; } = 256;

    /// <summary>The width of a letter's and a phone's vector.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>How many layers the encoder has.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>When the decoder looks at the letters; plain never does.</summary>
    public DecoderKind Decoder { get; init; } = DecoderKind.Bahdanau;

    /// <summary>How many layers the decoder has.</summary>
    public int DecoderLayers { get; init; } = 1;

    /// <summary>Dropout while training.</summary>
    public double Dropout { get; init; }
}
