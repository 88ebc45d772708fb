using ContextAware.Masking;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>
/// One map after the other, each sharpened by what the one before saw: Yang et al. 2016, "Stacked attention networks" (arXiv 1511.02274).
/// </summary>
/// <remarks>
/// v_I = tanh(W_I f + b_I) (eq. 6), u⁰ = v_Q; h_A = tanh(W_{I,A} v_I ⊕ (W_{Q,A} uᵏ⁻¹ + b_A)) (eq. 18), p = softmax(W_P h_A + b_P) (eq. 19),
/// ṽ = Σ p v_I (eq. 20), uᵏ = ṽ + uᵏ⁻¹ (eq. 21). The joint vector is the last u, as wide as the question.
/// In the state dict: <c>image.weight</c> <c>[Q,C]</c>, <c>image.bias</c>, and for each map k <c>image_hidden.k.weight</c> <c>[M,Q]</c>,
/// <c>question_hidden.k.weight</c> <c>[M,Q]</c>, <c>question_hidden.k.bias</c>, <c>score.k.weight</c> <c>[1,M]</c>, <c>score.k.bias</c>; M hidden width.
/// </remarks>
public sealed class StackedAttention : QuestionAttention
{
    [ComponentName(Name = "image")]
    private readonly Linear image;

    [ComponentName(Name = "image_hidden")]
    private readonly ModuleList<Linear> ofPlaces;

    [ComponentName(Name = "question_hidden")]
    private readonly ModuleList<Linear> ofQuestion;

    [ComponentName(Name = "score")]
    private readonly ModuleList<Linear> toScore;

    /// <summary>Makes the attention.</summary>
    /// <param name="channels">C.</param>
    /// <param name="questionWidth">Q.</param>
    /// <param name="hidden">M; 512 in the paper.</param>
    /// <param name="layers">How many maps follow each other; 2 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public StackedAttention(long channels, long questionWidth, long hidden = 512, int layers = 2)
        : base(nameof(StackedAttention), channels, questionWidth)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hidden);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        (MapCount, OutputWidth) = (layers, questionWidth);
        image = nn.Linear(channels, questionWidth);
        ofPlaces = new(Layers(() => nn.Linear(questionWidth, hidden, hasBias: false)));
        ofQuestion = new(Layers(() => nn.Linear(questionWidth, hidden)));
        toScore = new(Layers(() => nn.Linear(hidden, 1)));
        RegisterComponents();

        Linear[] Layers(Func<Linear> make) => [.. Enumerable.Range(0, layers).Select(_ => make())];
    }

    /// <inheritdoc/>
    public override long OutputWidth { get; }

    /// <inheritdoc/>
    public override long MapCount { get; }

    private protected override (Tensor Joint, Tensor Maps) Look(Tensor places, Tensor question)
    {
        var features = image.call(places).tanh();                                         // v_I [P,N,Q]
        var (refined, maps) = (question, new List<Tensor>());
        for (var layer = 0; layer < MapCount; layer++)
        {
            var fromPlaces = ofPlaces[layer].call(features).unsqueeze(1);                 // [P,1,N,M]
            var hidden = (fromPlaces + ofQuestion[layer].call(refined).unsqueeze(2)).tanh();      // [P,K,N,M]
            var map = MaskedSoftmax.Apply(toScore[layer].call(hidden).squeeze(-1), null); // [P,K,N]
            refined = bmm(map, features) + refined;                                       // [P,K,Q]
            maps.Add(map);
        }

        return (refined, stack(maps, 2));
    }
}
