using ContextAware.Scoring;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What the options of a <see cref="RecurrentSeq2Seq"/> mean for its parts.</summary>
internal static class Seq2SeqParts
{
    /// <summary>Checks what the parts do not check themselves.</summary>
    public static void Check(RecurrentSeq2SeqOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SourceVocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TargetVocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.EmbeddingWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HiddenWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.DecoderLayers);
        if (!options.Copy)
        {
            if (options.CopyNumbers is not null)
                throw new ArgumentException("Expected numbers to copy only where copying is wanted.", nameof(options));
            return;
        }

        if (options.CopyNumbers is null && options.SourceVocabulary > options.TargetVocabulary)
            throw new ArgumentException($"Expected a target vocabulary that holds the source's {options.SourceVocabulary} numbers to copy, got {options.TargetVocabulary}.", nameof(options));
        if (options.CopyNumbers is { } numbers && (numbers.Count != options.SourceVocabulary || numbers.Any(number => number < 0 || number >= options.TargetVocabulary)))
            throw new ArgumentException($"Expected {options.SourceVocabulary} numbers to copy, each from 0 to {options.TargetVocabulary - 1}.", nameof(options));
    }

    /// <summary>The encoder's part.</summary>
    public static RecurrentEncoderOptions Encoder(RecurrentSeq2SeqOptions options) => new()
    {
        Cell = options.Cell,
        InputWidth = options.EmbeddingWidth,
        HiddenWidth = options.EncoderWidth ?? (options.Bidirectional ? Math.Max(1, options.HiddenWidth / 2) : options.HiddenWidth),
        Layers = options.EncoderLayers,
        Bidirectional = options.Bidirectional,
        Residual = options.Residual,
        Dropout = options.Dropout,
        DropoutKind = options.EncoderDropout,
    };

    /// <summary>The decoder's part.</summary>
    public static RecurrentDecoderOptions Decoder(RecurrentSeq2SeqOptions options, long sourceWidth) => new()
    {
        Kind = options.Decoder,
        Cell = options.Cell,
        Vocabulary = options.TargetVocabulary,
        EmbeddingWidth = options.EmbeddingWidth,
        SourceWidth = sourceWidth,
        Width = options.HiddenWidth,
        Layers = options.DecoderLayers,
        Residual = options.Residual,
        Dropout = options.Dropout,
        Window = options.Window,
        Coverage = options.Coverage,
        Copy = options.Copy,
        TiedEmbeddings = options.TiedEmbeddings,
    };

    /// <summary>The decoder's score; null where it does not look.</summary>
    public static ScoreFunction? Score(RecurrentSeq2SeqOptions options, long sourceWidth) => options.Decoder == DecoderKind.Plain
        ? null
        : ScoreFactory.Create(options.Score, options.HiddenWidth, sourceWidth, options.AttentionWidth ?? options.HiddenWidth);
}
