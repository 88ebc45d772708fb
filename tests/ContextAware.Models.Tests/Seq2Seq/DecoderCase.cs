using ContextAware.Masking;
using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>A small decoder with something to decode: three sources of different lengths, five steps.</summary>
internal sealed class DecoderCase : IDisposable
{
    public const int Symbols = 7;
    public const int Embedded = 3;
    public const int Width = 6;
    public const int Longest = 5;

    public DecoderCase(RecurrentDecoderOptions options, ScoreKind kind = ScoreKind.Additive)
    {
        Score = options.Kind == DecoderKind.Plain ? null : MakeScore(kind);
        Decoder = new(options, Score);
        Decoder.eval();
        Tokens = randint(1, Symbols, [Lengths.Length, 4], int64);                     // padding learns nothing
        Source = randn(Lengths.Length, Longest, Width);
        Numbers = options.Copy ? randint(Symbols, [Lengths.Length, Longest], int64) : null;
        State = new([.. Enumerable.Range(0, options.Layers).Select(_ => new RecurrentState(randn(Lengths.Length, Width), options.Cell == CellKind.Lstm ? randn(Lengths.Length, Width) : null))]);
    }

    public static long[] Lengths { get; } = [5, 2, 4];

    public ScoreFunction? Score { get; }

    public RecurrentDecoder Decoder { get; }

    public Tensor Tokens { get; }

    public Tensor Source { get; }

    public Tensor? Numbers { get; }

    public DecoderState State { get; }

    public static RecurrentDecoderOptions Options(DecoderKind kind, CellKind cell = CellKind.Gru, int layers = 1) => new()
    {
        Kind = kind,
        Cell = cell,
        Vocabulary = Symbols,
        EmbeddingWidth = Embedded,
        SourceWidth = Width,
        Width = Width,
        Layers = layers,
    };

    public static ScoreFunction MakeScore(ScoreKind kind) => kind switch
    {
        ScoreKind.Additive => new AdditiveScore(Width, Width, 4),
        ScoreKind.NormalizedAdditive => new AdditiveScore(Width, Width, 4, normalized: true),
        ScoreKind.Dot => new DotScore(),
        ScoreKind.ScaledDot => new ScaledDotScore(Width),
        ScoreKind.General => new GeneralScore(Width, Width),
        ScoreKind.Concat => new ConcatScore(Width, Width, 4),
        ScoreKind.Cosine => new CosineScore(),
        _ => new LocationScore(Width, Width, 4, filters: 2, filterWidth: 3),
    };

    public DecoderSource Prepare() => Decoder.Prepare(Source, AttentionMask.FromLengths(Lengths), Numbers);

    public DecoderOutput Run() => Decoder.call(Tokens, Prepare(), State, true);

    public void Dispose() => Decoder.Dispose();
}
