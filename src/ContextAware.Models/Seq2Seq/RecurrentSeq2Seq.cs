using ContextAware.Masking;
using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// A recurrent encoder and a recurrent decoder, with attention in any of the usual arrangements or without: Sutskever et al.
/// 2014, Bahdanau et al. 2015, Luong et al. 2015, Wu et al. 2016.
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
    private readonly DropoutLayer dropout;

    [ComponentName(Name = "encoder")]
    private readonly RecurrentEncoder encoder;

    [ComponentName(Name = "bridge")]
    private readonly StateBridge bridge;

    [ComponentName(Name = "decoder")]
    private readonly RecurrentDecoder decoder;

    /// <summary>Makes a model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the dropout out of range, or a kind unknown.</exception>
    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    public RecurrentSeq2Seq(RecurrentSeq2SeqOptions options)
        : base(nameof(RecurrentSeq2Seq))
    {
        ArgumentNullException.ThrowIfNull(options);
        Seq2SeqParts.Check(options);
        Options = options;
        embedding = OwnParameter.In(nn.Embedding(options.SourceVocabulary, options.EmbeddingWidth, padding_idx: Vocabulary.Padding));
        dropout = new(options.Dropout);
        encoder = new(Seq2SeqParts.Encoder(options));
        bridge = new(options.Cell, encoder.OutputWidth, options.HiddenWidth, options.DecoderLayers);
        var symbols = nn.Embedding(options.TargetVocabulary, options.EmbeddingWidth, padding_idx: Vocabulary.Padding);
        decoder = new(Seq2SeqParts.Decoder(options, encoder.OutputWidth), Seq2SeqParts.Score(options, encoder.OutputWidth), symbols);
        RegisterComponents();
    }

    /// <summary>The sizes and the arrangement.</summary>
    public RecurrentSeq2SeqOptions Options { get; }

    /// <summary>Answers to a whole target, each step given the true symbol before it.</summary>
    /// <param name="source"><c>[B,S]</c> int64.</param>
    /// <param name="sourceLengths"><c>[B]</c> int64 on the CPU.</param>
    /// <param name="targetInput">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="needWeights">Whether to return the attention weights, if there is attention.</param>
    /// <exception cref="ArgumentException">A shape or a length does not fit.</exception>
    public override DecoderOutput forward(Tensor source, Tensor sourceLengths, Tensor targetInput, bool needWeights)
    {
        using var scope = NewDisposeScope();
        var (read, state) = Encode(source, sourceLengths);
        var answer = decoder.call(targetInput, read, state, needWeights);
        return new(answer.Logits.MoveToOuterDisposeScope(), answer.Weights?.MoveToOuterDisposeScope());
    }

    /// <summary>Answers to a whole target as <see cref="RecurrentDecoder.Sample"/> does: scheduled sampling.</summary>
    /// <param name="source"><c>[B,S]</c> int64.</param>
    /// <param name="sourceLengths"><c>[B]</c> int64 on the CPU.</param>
    /// <param name="targetInput">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="truth">How likely a step is given the true symbol, 0 to 1.</param>
    /// <param name="needWeights">Whether to return the attention weights, if there is attention.</param>
    /// <exception cref="ArgumentException">A shape or a length does not fit.</exception>
    public DecoderOutput Sample(Tensor source, Tensor sourceLengths, Tensor targetInput, double truth, bool needWeights = false)
    {
        using var scope = NewDisposeScope();
        var (read, state) = Encode(source, sourceLengths);
        var answer = decoder.Sample(targetInput, read, state, truth, needWeights);
        return new(answer.Logits.MoveToOuterDisposeScope(), answer.Weights?.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        using var scope = NewDisposeScope();
        var (read, state) = Encode(source, sourceLengths);
        return new RecurrentSession(decoder, read.MoveToOuterDisposeScope(), state.MoveToOuterDisposeScope());
    }

    private (DecoderSource Source, DecoderState State) Encode(Tensor source, Tensor sourceLengths)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sourceLengths);
        var shape = source.shape;
        if (shape.Length != 2) throw new ArgumentException($"Expected [B,S], got {ShapeText.Compact(shape)}.", nameof(source));
        var lengths = SourceLengths.Read(sourceLengths, shape[0], shape[1], nameof(sourceLengths));
        var encoded = encoder.call(dropout.call(embedding.call(source)), sourceLengths);
        var mask = SourceLengths.AllAre(lengths, shape[1]) ? null : AttentionMask.FromLengths(lengths);
        return (decoder.Prepare(encoded.Output, mask, Copied(source)), new(bridge.call(encoded.State)));
    }

    private Tensor? Copied(Tensor source) => (Options.Copy, Options.CopyNumbers) switch
    {
        (false, _) => null,
        (true, null) => source,
        (true, { } numbers) => tensor([.. numbers], device: source.device)[source],
    };
}
