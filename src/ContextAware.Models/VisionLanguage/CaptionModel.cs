using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>
/// Writes captions to pictures, looking at a place for each word: Xu et al. 2015, "Show, attend and tell" (arXiv 1502.03044),
/// with soft attention.
/// </summary>
/// <remarks>
/// A convolutional encoder makes a grid of features a₁ … a_N. The LSTM starts from their mean (section 3.1.2). At each step its
/// state looks at the grid, α = softmax(f_att(a, h)) (eq. 4, 5), takes ẑ = β Σ α a (section 4.2.1, β a scalar gate), and word,
/// state and ẑ give the next word (eq. 7, whose product of matrices is one matrix here).
/// Shapes: B pictures, T words, N places, V vocabulary. In the state dict: <c>encoder.…</c>, <c>bridge.hidden</c> and
/// <c>bridge.cell</c> (f_init), <c>decoder.…</c> of <see cref="RecurrentDecoder"/>.
/// </remarks>
public sealed class CaptionModel : nn.Module<Tensor, Tensor, bool, DecoderOutput>, ISequenceModel
{
    [ComponentName(Name = "encoder")]
    private readonly nn.Module<Tensor, Tensor> encoder;

    [ComponentName(Name = "bridge")]
    private readonly StateBridge bridge;

    [ComponentName(Name = "decoder")]
    private readonly RecurrentDecoder decoder;

    /// <summary>Makes a model.</summary>
    /// <param name="encoder">From pictures <c>[B,K,H,W]</c> to features <c>[B,C,h,w]</c>, on the CPU at first.</param>
    /// <param name="options">The sizes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the dropout out of range.</exception>
    /// <exception cref="ArgumentException">The encoder gives no grid.</exception>
    public CaptionModel(nn.Module<Tensor, Tensor> encoder, CaptionOptions options) : base(nameof(CaptionModel))
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(options);
        options.Picture.CheckPositive(nameof(options));
        var (width, words) = (options.HiddenWidth, options.EmbeddingWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Vocabulary, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(words, nameof(options));
        Options = options;
        Grid = FeatureGrid.Of(encoder, options.Picture, nameof(encoder));
        this.encoder = encoder;
        bridge = new(CellKind.Lstm, Grid.Channels, width);
        var sizes = new RecurrentDecoderOptions
        {
            Cell = CellKind.Lstm,
            Vocabulary = options.Vocabulary,
            EmbeddingWidth = words,
            SourceWidth = Grid.Channels,
            Width = width,
            Dropout = options.Dropout,
            Gate = true,
        };
        decoder = new(sizes, new AdditiveScore(width, Grid.Channels, options.AttentionWidth ?? width));
        RegisterComponents();
    }

    /// <summary>The sizes.</summary>
    public CaptionOptions Options { get; }

    /// <summary>What the encoder makes of a picture; a word's weights are over its places, row by row.</summary>
    public FeatureGrid Grid { get; }

    /// <summary>Answers to whole captions, each step given the true word before it.</summary>
    /// <param name="pictures"><c>[B,K,H,W]</c>.</param>
    /// <param name="targetInput">The start mark and the caption <c>[B,T]</c> int64.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <returns>Logits <c>[B,T,V]</c>, weights <c>[B,T,N]</c>.</returns>
    /// <exception cref="ArgumentException">The pictures are of another size, or the captions not as many.</exception>
    public override DecoderOutput forward(Tensor pictures, Tensor targetInput, bool needWeights)
    {
        var batch = Options.Picture.Check(pictures, nameof(pictures));
        if (targetInput.shape is not [var captions, _] || captions != batch)
            throw new ArgumentException($"Expected captions [{batch},T], got {ShapeText.Compact(targetInput)}.", nameof(targetInput));
        using var scope = NewDisposeScope();
        var (attended, state) = Look(pictures);
        var answer = decoder.call(targetInput, attended, state, needWeights);
        return new(answer.Logits.MoveToOuterDisposeScope(), answer.Weights?.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        var batch = Options.Picture.Check(source, nameof(source));
        var places = SourceLengths.Read(sourceLengths, batch, Grid.Places, nameof(sourceLengths));
        if (!SourceLengths.AllAre(places, Grid.Places))
            throw new ArgumentException($"Expected {Grid.Places} places of every picture, got {places.Min()}.", nameof(sourceLengths));
        using var scope = NewDisposeScope();
        var (attended, state) = Look(source);
        return new RecurrentSession(decoder, attended.MoveToOuterDisposeScope(), state.MoveToOuterDisposeScope());
    }

    /// <summary>How many places each of some pictures has: what decoders want to know beside the pictures.</summary>
    /// <param name="count">How many pictures.</param>
    /// <returns><c>[count]</c> int64 on the CPU.</returns>
    public Tensor PlaceCounts(long count) => full([count], Grid.Places, int64);

    private (DecoderSource Attended, DecoderState State) Look(Tensor pictures)
    {
        var features = encoder.call(pictures).flatten(2);                                 // [B,C,N]
        var mean = features.mean([2]).unsqueeze(0);                                       // [1,B,C]
        return (decoder.Prepare(features.transpose(1, 2).contiguous(), null), new(bridge.call(new(mean, mean))));
    }
}
