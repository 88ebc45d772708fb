using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Positions;
using ContextAware.Transformers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A transformer that reads a source and writes a target: Vaswani et al. 2017 (arXiv 1706.03762), figure 1.</summary>
/// <remarks>
/// Shapes: B batch, S source length, T target length, V target vocabulary, H heads. Padding is
/// <see cref="Vocabulary.Padding"/>; it is never attended to, and how much of it there is changes nothing. Trained and
/// decoded as <see cref="RecurrentSeq2Seq"/> is.
/// </remarks>
public sealed class TransformerSeq2Seq : nn.Module<Tensor, Tensor, Tensor, bool, DecoderOutput>, ISequenceModel
{
    [ComponentName(Name = "source")] private readonly TransformerEmbedding source;
    [ComponentName(Name = "target")] private readonly TransformerEmbedding target;
    [ComponentName(Name = "encoder")] private readonly EncoderLayers encoder;
    [ComponentName(Name = "decoder")] private readonly DecoderLayers decoder;
    [ComponentName(Name = "out")] private readonly Linear? output;

    /// <summary>Makes a model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the dropout out of range.</exception>
    /// <exception cref="ArgumentException">The heads don't divide the width.</exception>
    public TransformerSeq2Seq(TransformerSeq2SeqOptions options)
        : base(nameof(TransformerSeq2Seq))
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        Options = options;
        var heads = options.Heads;
        var layer = options.Layer(options.Positions == PositionKind.Rotary ? new RotaryEmbedding(options.Width / heads) : null);
        source = new(options.SourceVocabulary, options, options.SourceNGrams);
        target = new(options.TargetVocabulary, options);
        encoder = new(options.EncoderLayers, options.Width, heads, layer, Bias(options, causal: false));
        decoder = new(options.DecoderLayers, options.Width, heads, layer, Bias(options, causal: true));
        output = options.TieOutput ? null : nn.Linear(options.Width, options.TargetVocabulary);
        RegisterComponents();
    }

    /// <summary>The sizes.</summary>
    public TransformerSeq2SeqOptions Options { get; }

    /// <summary>The tables of the source's n-grams; null if there are none.</summary>
    public NGramEmbedding? SourceNGrams => source.NGrams;

    /// <summary>Answers to a whole target, each step given the true symbol before it.</summary>
    /// <param name="source"><c>[B,S]</c> int64.</param>
    /// <param name="sourceLengths"><c>[B]</c> int64 on the CPU.</param>
    /// <param name="targetInput">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="needWeights">Whether to return where the last layer looked in the source, averaged over its heads.</param>
    public override DecoderOutput forward(Tensor source, Tensor sourceLengths, Tensor targetInput, bool needWeights)
    {
        using var scope = NewDisposeScope();
        var result = Run(source, sourceLengths, targetInput, needWeights ? StackWeights.LastLayer : StackWeights.None);
        var weights = needWeights ? result.CrossWeights[0].mean([1]) : null;           // [B, T, S]
        return new(Project(result.Output).MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    /// <summary>Where each head looked while answering to a whole target.</summary>
    /// <inheritdoc cref="forward"/>
    /// <param name="source"><c>[B,S]</c> int64.</param>
    /// <param name="sourceLengths"><c>[B]</c> int64 on the CPU.</param>
    /// <param name="targetInput">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="weights">Which layers' weights to return.</param>
    /// <returns>The decoder's output <c>[B,T,D]</c>, weights <c>[B,H,T,T]</c> on the target and <c>[B,H,T,S]</c> on the source.</returns>
    public StackResult Attend(Tensor source, Tensor sourceLengths, Tensor targetInput, StackWeights weights = StackWeights.LastLayer)
    {
        using var scope = NewDisposeScope();
        var (output, self, cross) = Run(source, sourceLengths, targetInput, weights);
        output.MoveToOuterDisposeScope();
        foreach (var tensor in self.Concat(cross))
            tensor.MoveToOuterDisposeScope();
        return new(output, self, cross);
    }

    /// <inheritdoc/>
    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        using var scope = NewDisposeScope();
        var (memory, lengths) = Encode(source, sourceLengths);
        return new TransformerSession(this, decoder.LayerCount, memory, lengths);
    }

    /// <summary>The decoder and the last product, for one step.</summary>
    /// <param name="tokens">[N, 1].</param>
    /// <param name="memory">[N, S, D].</param>
    /// <param name="call">Masks and caches.</param>
    /// <returns>Logits [N, V] and weights [N, S].</returns>
    internal DecodingStep Step(Tensor tokens, Tensor memory, StackCall call)
    {
        using var scope = NewDisposeScope();
        var result = decoder.call(target.call(tokens, call.Cache!.Length), memory, call);
        var weights = result.CrossWeights[0].mean([1, 2]);
        return new(Project(result.Output).squeeze(1).MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope());
    }

    private StackResult Run(Tensor source, Tensor sourceLengths, Tensor targetInput, StackWeights weights)
    {
        var (memory, lengths) = Encode(source, sourceLengths);                         // [B, S, D]
        return decoder.call(target.call(targetInput, 0), memory, AttentionMask.Causal, SourceLengths.Mask(lengths), weights);
    }

    /// <summary>The memory [B, S, D], and lengths if there is padding.</summary>
    private (Tensor Memory, long[]? Lengths) Encode(Tensor source, Tensor sourceLengths)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sourceLengths);
        var shape = source.shape;
        if (shape.Length != 2) throw new ArgumentException($"Expected [B,S], got {ShapeText.Compact(shape)}.", nameof(source));
        var lengths = SourceLengths.Read(sourceLengths, shape[0], shape[1], nameof(sourceLengths));
        var uneven = SourceLengths.AllAre(lengths, shape[1]) ? null : lengths;
        // Padded places can hold anything; windows of symbols would see it.
        var symbols = uneven is null || Options.SourceNGrams is null ? source : source.masked_fill(SourceLengths.Padded(sourceLengths, source), Vocabulary.Padding);
        return (encoder.call(this.source.call(symbols, 0), SourceLengths.Mask(uneven)).Output, uneven);
    }

    private Tensor Project(Tensor x) => output is null ? x.matmul(target.Weight.t()) : output.call(x);     // [.., V]

    private static IPositionBias? Bias(TransformerSeq2SeqOptions options, bool causal) => options.Positions switch
    {
        PositionKind.Alibi => new AlibiBias(options.Heads, causal),
        PositionKind.Relative => new RelativeBias(options.Heads, bidirectional: !causal),
        _ => null,
    };

    private static void Check(TransformerSeq2SeqOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SourceVocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TargetVocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.EncoderLayers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.DecoderLayers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaximumLength);
        if (!Enum.IsDefined(options.Positions))
            throw new ArgumentOutOfRangeException(nameof(options), options.Positions, $"Expected positions that exist, got {options.Positions}.");
        if (options.Width % options.Heads != 0)
            throw new ArgumentException($"Expected a number of heads that divides the width {options.Width}, got {options.Heads}.", nameof(options));
        if (options.Positions == PositionKind.Rotary && options.Width / options.Heads % 2 != 0)
            throw new ArgumentException($"Expected heads of even width for rotary positions, got {options.Width / options.Heads}.", nameof(options));
    }
}
