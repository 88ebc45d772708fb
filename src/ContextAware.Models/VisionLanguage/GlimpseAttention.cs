using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Randomness;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>
/// Several maps at once: Kazemi and Elqursh 2017, "Show, ask, attend, and answer" (arXiv 1704.03162), section 3.3.
/// </summary>
/// <remarks>
/// The question, tiled over the grid, is joined with the features; two 1×1 convolutions with a ReLU between them give G scores
/// for each place, a softmax over the places makes maps of them (eq. 2), and each map a weighted mean of the features (eq. 3). The
/// joint vector is [x₁; …; x_G; q]. The features enter normalised to length 1 (section 3.1) if asked for. The first convolution over tiled
/// and joined vectors is computed as a sum of two products, so that the question is multiplied once and not at each place.
/// In the state dict, as in the usual Python implementation: <c>v_conv.weight</c> <c>[M,C]</c>, <c>q_lin.weight</c> <c>[M,Q]</c>,
/// <c>q_lin.bias</c>, <c>x_conv.weight</c> <c>[G,M]</c>, <c>x_conv.bias</c>; M hidden width.
/// </remarks>
public sealed class GlimpseAttention : QuestionAttention
{
    private readonly bool normalize;

    [ComponentName(Name = "v_conv")]
    private readonly Linear ofPlaces;

    [ComponentName(Name = "q_lin")]
    private readonly Linear ofQuestion;

    [ComponentName(Name = "x_conv")]
    private readonly Linear toScores;

    [ComponentName(Name = "drop")]
    private readonly DropoutLayer dropout;

    /// <summary>Makes the attention.</summary>
    /// <param name="channels">C.</param>
    /// <param name="questionWidth">Q.</param>
    /// <param name="hidden">M; 512 in the paper.</param>
    /// <param name="glimpses">G; 2 in the paper.</param>
    /// <param name="dropout">Dropout before each convolution, from 0 up to but not including 1.</param>
    /// <param name="normalize">Whether the features of a place are brought to length 1, as in the paper; that suits features that another task has learned, and hides how much there is at a place from features that learn with it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the dropout out of range.</exception>
    public GlimpseAttention(long channels, long questionWidth, long hidden = 512, long glimpses = 2, double dropout = 0, bool normalize = true)
        : base(nameof(GlimpseAttention), channels, questionWidth)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hidden);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(glimpses);
        DropoutShare.CheckBelowOne(dropout);
        this.normalize = normalize;
        (MapCount, OutputWidth) = (glimpses, (glimpses * channels) + questionWidth);
        ofPlaces = nn.Linear(channels, hidden, hasBias: false);
        ofQuestion = nn.Linear(questionWidth, hidden);
        toScores = nn.Linear(hidden, glimpses);
        this.dropout = new(dropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override long OutputWidth { get; }

    /// <inheritdoc/>
    public override long MapCount { get; }

    private protected override (Tensor Joint, Tensor Maps) Look(Tensor places, Tensor question)
    {
        var features = normalize ? UnitVectors.Of(places) : places;                       // [P,N,C]
        var fromPlaces = ofPlaces.call(dropout.call(features)).unsqueeze(1);              // [P,1,N,M]
        var fromQuestion = ofQuestion.call(dropout.call(question)).unsqueeze(2);          // [P,K,1,M]
        var joined = dropout.call((fromPlaces + fromQuestion).relu());                    // [P,K,N,M]
        var maps = MaskedSoftmax.Apply(toScores.call(joined).transpose(2, 3), null);      // [P,K,G,N]
        var seen = bmm(maps.flatten(1, 2), features);                                     // [P,K·G,C]
        var (pictures, questions) = (question.size(0), question.size(1));
        return (cat([seen.view(pictures, questions, -1), question], -1), maps);
    }
}
