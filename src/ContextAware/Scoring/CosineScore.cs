using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>
/// The cosine of the angle between query and key, over a learned temperature: Graves et al. 2014 (arXiv 1410.5401), eq. 5
/// and 6.
/// </summary>
/// <remarks>
/// score = qᵀk / (|q||k|) · exp(logit_scale), so that the temperature exp(−logit_scale) stays positive; the form and the
/// name <c>logit_scale</c>, a scalar, are CLIP's and Swin V2's. Query and key are equally wide. The score of a zero vector is 0.
/// </remarks>
public sealed class CosineScore : ScoreFunction
{
    /// <summary>Makes the score.</summary>
    /// <param name="temperature">What cosines are divided by before training changes it.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not positive and finite.</exception>
    public CosineScore(double temperature = 0.1)
        : base(nameof(CosineScore))
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(temperature), temperature, $"Expected a positive, finite temperature, got {temperature}.");
        }

        LogitScale = OwnParameter.Of(tensor((float)-Math.Log(temperature)));
        RegisterComponents();
    }

    /// <summary>The logarithm of what cosines are multiplied by.</summary>
    [field: ComponentName(Name = "logit_scale")]
    public Parameter LogitScale { get; }

    /// <summary>k/|k| for every key: <c>[B,S,D]</c> → <c>[B,S,D]</c>.</summary>
    /// <param name="key"><c>[B,S,D]</c>.</param>
    public override Tensor ProjectKeys(Tensor key)
    {
        ScoreShape.CheckKey(key, parameter: LogitScale);
        return UnitVectors.Of(key);
    }

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth: null, keyWidth: null);
        using var scope = NewDisposeScope();
        var factor = shape.Type is ScalarType.Float16 or ScalarType.BFloat16 ? LogitScale.to(float32).exp() : LogitScale.exp();
        var scaled = UnitVectors.Of(query) * factor;
        return DotScore.Products(scaled, projectedKey, shape).MoveToOuterDisposeScope();
    }
}
