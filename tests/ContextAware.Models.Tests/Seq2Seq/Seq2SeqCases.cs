using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>Small models of every arrangement, and pairs of different lengths for them.</summary>
internal static class Seq2SeqCases
{
    public static readonly SequencePair[] Pairs =
    [
        new([3, 4, 5, 6], [7, 8]),
        new([5], [3]),
        new([6, 6, 3, 4, 5, 3], [4, 5, 6, 7, 8]),
    ];

    private static readonly RecurrentSeq2SeqOptions Deep = Options(CellKind.Lstm, 3, true) with { DecoderLayers = 3, Residual = true };

    /// <summary>Models by name.</summary>
    public static readonly Dictionary<string, RecurrentSeq2SeqOptions> All = new()
    {
        ["gru"] = Options(CellKind.Gru, 1, true),
        ["lstm"] = Options(CellKind.Lstm, 1, true),
        ["gru, two layers, one direction"] = Options(CellKind.Gru, 2, false),
        ["lstm, two layers"] = Options(CellKind.Lstm, 2, true),
        ["google"] = Deep with { Decoder = DecoderKind.Google },
        ["bahdanau, deep"] = Deep,
        ["luong"] = Deep with { Decoder = DecoderKind.Luong, Score = ScoreKind.General, TiedEmbeddings = true },
        ["luong, local"] = Options(CellKind.Gru, 1, true) with { Decoder = DecoderKind.Luong, Score = ScoreKind.Dot, Window = 2 },
        ["luong, feeding"] = Options(CellKind.Gru, 2, true) with { Decoder = DecoderKind.LuongInputFeeding, Coverage = true, Copy = true },
        ["plain"] = Deep with { Decoder = DecoderKind.Plain },
    };

    public static DecoderOutput Answer(RecurrentSeq2Seq model, SequenceBatch batch) =>
        model.call(batch.Source, batch.SourceLengths, batch.TargetInput, true);

    public static RecurrentSeq2SeqOptions Options(CellKind kind, int layers, bool bidirectional) => new()
    {
        SourceVocabulary = 7,
        TargetVocabulary = 9,
        Cell = kind,
        EmbeddingWidth = 5,
        HiddenWidth = 6,
        AttentionWidth = 4,
        EncoderLayers = layers,
        Bidirectional = bidirectional,
    };

    public static RecurrentSeq2Seq Make(CellKind kind, int layers, bool bidirectional) => new(Options(kind, layers, bidirectional));
}
