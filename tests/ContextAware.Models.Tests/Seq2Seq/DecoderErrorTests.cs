using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class DecoderErrorTests
{
    private static readonly RecurrentDecoderOptions Good = DecoderCase.Options(DecoderKind.Bahdanau);

    public static TheoryData<string, RecurrentDecoderOptions> Sizes => new()
    {
        { "Vocabulary", Good with { Vocabulary = 0 } },
        { "EmbeddingWidth", Good with { EmbeddingWidth = 0 } },
        { "SourceWidth", Good with { SourceWidth = -1 } },
        { "Width", Good with { Width = 0 } },
        { "Layers", Good with { Layers = 0 } },
        { "Window", Good with { Window = 0 } },
        { "below 1", Good with { Dropout = 1 } },
        { "kind of decoder", Good with { Kind = (DecoderKind)9 } },
        { "Gru or Lstm", Good with { Cell = (CellKind)9 } },
    };

    public static TheoryData<string, RecurrentDecoderOptions> Contradictions => new()
    {
        { "a window", Good with { Kind = DecoderKind.Plain, Window = 2 } },
        { "coverage", Good with { Kind = DecoderKind.Plain, Coverage = true } },
        { "a gate", Good with { Kind = DecoderKind.Plain, Gate = true } },
        { "copying", Good with { Kind = DecoderKind.Plain, Copy = true } },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sizes_and_kinds_out_of_range_are_refused(string message, RecurrentDecoderOptions options)
    {
        using var score = new DotScore();
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentDecoder(options, score)).Message);
    }

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void A_decoder_that_does_not_look_refuses_what_needs_looking(string message, RecurrentDecoderOptions options) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new RecurrentDecoder(options, null)).Message);

    [Fact]
    public void A_score_must_be_there_exactly_where_there_is_attention()
    {
        using var score = new DotScore();
        Assert.Contains("plain", Assert.Throws<ArgumentException>(() => new RecurrentDecoder(Good with { Kind = DecoderKind.Plain }, score)).Message);
        Assert.Equal("score", Assert.Throws<ArgumentNullException>(() => new RecurrentDecoder(Good, null)).ParamName);
    }

    [Fact]
    public void Vectors_of_another_size_are_refused()
    {
        using var score = new DotScore();
        using var vectors = nn.Embedding(7, 4);
        Assert.Contains("[7,3], got [7,4]", Assert.Throws<ArgumentException>("embedding", () => new RecurrentDecoder(Good, score, vectors)).Message);
    }

    [Theory]
    [InlineData("[B,S,6]", new long[] { 2, 5, 7 })]
    [InlineData("[B,S,6]", new long[] { 2, 6 })]
    public void A_source_of_another_shape_is_refused(string message, long[] shape)
    {
        using var item = new DecoderCase(Good);
        Assert.Contains(message, Assert.Throws<ArgumentException>("source", () => item.Decoder.Prepare(randn(shape), null)).Message);
    }

    [Fact]
    public void Symbols_to_copy_must_be_there_exactly_where_copying_is_wanted()
    {
        using var scope = NewDisposeScope();
        using var plain = new DecoderCase(Good);
        using var copying = new DecoderCase(Good with { Copy = true });
        Assert.Throws<ArgumentException>("symbols", () => plain.Decoder.Prepare(plain.Source, null, copying.Numbers));
        Assert.Throws<ArgumentException>("symbols", () => copying.Decoder.Prepare(copying.Source, null));
        Assert.Contains("[3,5]", Assert.Throws<ArgumentException>("symbols", () => copying.Decoder.Prepare(copying.Source, null, zeros(3, 4, int64))).Message);
    }

    [Fact]
    public void Symbols_and_states_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(Good);
        using var deep = new DecoderCase(Good with { Layers = 2 });
        var source = item.Prepare();
        Assert.Contains("1 layers, got 2", Assert.Throws<ArgumentException>("state", () => item.Decoder.call(item.Tokens, source, deep.State, false)).Message);
        Assert.Contains("[B,6]", Assert.Throws<ArgumentException>("state", () => item.Decoder.call(item.Tokens, source, new([new(randn(3, 5), null)]), false)).Message);
        Assert.Contains("[3,T]", Assert.Throws<ArgumentException>("tokens", () => item.Decoder.call(item.Tokens[0], source, item.State, false)).Message);
        Assert.Contains("[3,T]", Assert.Throws<ArgumentException>("tokens", () => item.Decoder.call(item.Tokens.narrow(1, 0, 0), source, item.State, false)).Message);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>("tokens", () => item.Decoder.Advance(item.Tokens, source, item.State)).Message);
        Assert.Throws<ArgumentOutOfRangeException>("truth", () => item.Decoder.Sample(item.Tokens, source, item.State, truth: 1.5));
    }

    public static MatrixTheoryData<DecoderKind, bool> KindsWholeOrStep => new(Enum.GetValues<DecoderKind>(), [true, false]);

    [Theory]
    [MemberData(nameof(KindsWholeOrStep))]
    public void States_of_any_layer_that_do_not_fit_are_refused(DecoderKind kind, bool whole)
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(kind, CellKind.Lstm, layers: 2));
        var (lower, upper) = (item.State.Layers[0], item.State.Layers[1]);
        Assert.Contains("memory", Refused(lower, upper with { Cell = null }));
        Assert.Contains("memory", Refused(lower with { Cell = null }, upper));
        Assert.Contains("[3,6], got [3,5]", Refused(lower, new(randn(3, 5), randn(3, 5))));
        Assert.Contains("[3,6], got [2,6]", Refused(lower, new(randn(2, 6), randn(2, 6))));

        string Refused(params RecurrentState[] layers) => Assert.Throws<ArgumentException>("state", () =>
        {
            if (whole) item.Decoder.call(item.Tokens, item.Prepare(), new(layers), false);
            else item.Decoder.Advance(item.Tokens.select(1, 0), item.Prepare(), new(layers));
        }).Message;
    }

    [Theory]
    [InlineData(DecoderKind.Bahdanau)]
    [InlineData(DecoderKind.Google)]
    [InlineData(DecoderKind.Luong)]
    [InlineData(DecoderKind.LuongInputFeeding)]
    public void A_source_of_another_batch_is_refused(DecoderKind kind)
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(kind));
        var source = item.Decoder.Prepare(randn(2, 5, 6), null);
        Assert.Contains("3 sources, one for each state, got 2", Assert.Throws<ArgumentException>("source", () => item.Decoder.call(item.Tokens, source, item.State, false)).Message);
        Assert.Contains("3 sources, one for each state, got 2", Assert.Throws<ArgumentException>("source", () => item.Decoder.Advance(item.Tokens.select(1, 0), source, item.State)).Message);
    }

    [Fact]
    public void A_score_for_states_of_another_width_is_refused()
    {
        using var score = new AdditiveScore(5, 6, 4);
        Assert.Contains("width 6, got one for 5", Assert.Throws<ArgumentException>("score", () => new RecurrentDecoder(Good, score)).Message);
    }

    [Theory]
    [InlineData(ScoreKind.Dot)]
    [InlineData(ScoreKind.ScaledDot)]
    [InlineData(ScoreKind.Cosine)]
    public void A_product_needs_equal_widths(ScoreKind score)
    {
        var options = new RecurrentSeq2SeqOptions { SourceVocabulary = 5, TargetVocabulary = 5, HiddenWidth = 6, EncoderWidth = 4, Score = score };
        Assert.Contains("6 and 8", Assert.Throws<ArgumentException>(() => new RecurrentSeq2Seq(options)).Message);
    }

    [Fact]
    public void Numbers_to_copy_must_fit_both_vocabularies()
    {
        var options = new RecurrentSeq2SeqOptions { SourceVocabulary = 5, TargetVocabulary = 4, HiddenWidth = 6, Copy = true };
        Assert.Contains("holds the source's 5", Assert.Throws<ArgumentException>(() => new RecurrentSeq2Seq(options)).Message);
        Assert.Contains("from 0 to 3", Assert.Throws<ArgumentException>(() => new RecurrentSeq2Seq(options with { CopyNumbers = [0, 1, 2, 3, 4] })).Message);
        Assert.Contains("5 numbers", Assert.Throws<ArgumentException>(() => new RecurrentSeq2Seq(options with { CopyNumbers = [0, 1, 2, 3] })).Message);
        Assert.Contains("where copying is wanted", Assert.Throws<ArgumentException>(() => new RecurrentSeq2Seq(options with { Copy = false, CopyNumbers = [0, 1, 2, 3, 3] })).Message);
    }
}
