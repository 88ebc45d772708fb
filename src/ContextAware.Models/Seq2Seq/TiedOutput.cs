using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// An output layer that compares with the symbols' vectors: logits = (P f)·Eᵀ + b, Press and Wolf 2017 (arXiv 1608.05859),
/// section 3.
/// </summary>
/// <remarks>In the state dict: <c>proj.weight</c> <c>[E,F]</c>, <c>bias</c> <c>[V]</c>; the vectors are the embedding's.</remarks>
public sealed class TiedOutput : nn.Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "proj")]
    private readonly Linear projection;

    [ComponentName(Name = "bias")]
    private readonly Parameter bias;

    /// <summary>Makes the layer.</summary>
    /// <param name="featureWidth">F.</param>
    /// <param name="embeddingWidth">E.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public TiedOutput(long featureWidth, long embeddingWidth, long vocabulary)
        : base(nameof(TiedOutput))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(embeddingWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        projection = nn.Linear(featureWidth, embeddingWidth, hasBias: false);
        bias = OwnParameter.Of(zeros(vocabulary));
        RegisterComponents();
    }

    /// <summary>Unnormalised log-probabilities.</summary>
    /// <param name="features"><c>[…,F]</c>.</param>
    /// <param name="vectors">The symbols' vectors <c>[V,E]</c>.</param>
    /// <returns><c>[…,V]</c>.</returns>
    public override Tensor forward(Tensor features, Tensor vectors)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(projection.call(features), vectors, bias).MoveToOuterDisposeScope();
    }
}
