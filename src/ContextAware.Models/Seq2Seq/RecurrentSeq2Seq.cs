using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// A recurrent encoder and a recurrent decoder that attends to it: Bahdanau et al. 2015 (arXiv 1409.0473).
/// </summary>
/// <remarks>
/// Shapes: B batch, S source length, T target length, V target vocabulary. Padding is <see cref="Vocabulary.Padding"/>;
/// it is never read, never attended to, and how much of it there is changes nothing.
/// </remarks>
public sealed class RecurrentSeq2Seq : nn.Module<Tensor, Tensor, Tensor, bool, DecoderOutput>, ISequenceModel
{
    [ComponentName(Name = "embedding")]
    private readonly Embedding embedding;

    [ComponentName(Name = "dropout")]
    private readonly Dropout dropout;

    [ComponentName(Name = "encoder")]
    private readonly RecurrentEncoder encoder;

    [ComponentName(Name = "bridge")]
    private readonly StateBridge bridge;

    [ComponentName(Name = "decoder")]
    private readonly AttentionDecoder decoder;

    /// <summary>Makes a model with additive attention.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the dropout out of range.</exception>
    public RecurrentSeq2Seq(RecurrentSeq2SeqOptions options)
        : base(nameof(RecurrentSeq2Seq))
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        var (width, symbols) = (options.HiddenWidth, options.EmbeddingWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SourceVocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TargetVocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(symbols);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        var perDirection = options.EncoderWidth ?? (options.Bidirectional ? Math.Max(1, width / 2) : width);
        embedding = nn.Embedding(options.SourceVocabulary, symbols, padding_idx: Vocabulary.Padding);
        dropout = nn.Dropout(options.Dropout);
        encoder = new(options.Cell, symbols, perDirection, options.EncoderLayers, options.Bidirectional, options.Dropout);
        bridge = new(options.Cell, encoder.OutputWidth, width);
        decoder = new(
            nn.Embedding(options.TargetVocabulary, symbols, padding_idx: Vocabulary.Padding),
            new ScoredAttention(new AdditiveScore(width, encoder.OutputWidth, options.AttentionWidth ?? width)),
            RecurrentCell.Create(options.Cell, symbols, encoder.OutputWidth, width),
            options.TargetVocabulary,
            options.Dropout);
        RegisterComponents();
    }

    /// <summary>The sizes.</summary>
    public RecurrentSeq2SeqOptions Options { get; }

    /// <summary>Answers to a whole target, each step given the true symbol before it.</summary>
    /// <param name="source"><c>[B,S]</c> int64.</param>
    /// <param name="sourceLengths"><c>[B]</c> int64 on the CPU.</param>
    /// <param name="targetInput">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    public override DecoderOutput forward(Tensor source, Tensor sourceLengths, Tensor targetInput, bool needWeights)
    {
        using var scope = NewDisposeScope();
        var (attended, state) = Encode(source, sourceLengths);
        var answer = decoder.call(targetInput, attended, state, needWeights);
        return new(answer.Logits.MoveToOuterDisposeScope(), answer.Weights?.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        using var scope = NewDisposeScope();
        var (attended, state) = Encode(source, sourceLengths);
        return new RecurrentSession(decoder, attended.MoveToOuterDisposeScope(), state.MoveToOuterDisposeScope());
    }

    private (AttentionSource Attended, RecurrentState State) Encode(Tensor source, Tensor sourceLengths)
    {
        var shape = source.shape;
        if (shape.Length != 2) throw new ArgumentException($"Expected [B,S], got [{string.Join(',', shape)}].", nameof(source));
        var lengths = SourceLengths.Read(sourceLengths, shape[0], shape[1], nameof(sourceLengths));
        var encoded = encoder.call(dropout.call(embedding.call(source)), sourceLengths);
        var mask = SourceLengths.AllAre(lengths, shape[1]) ? null : AttentionMask.FromLengths(lengths);
        return (decoder.Prepare(encoded.Output, mask), bridge.call(encoded.State));
    }
}
