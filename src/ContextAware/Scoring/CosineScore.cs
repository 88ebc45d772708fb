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
    private const double SmallestLength = 1e-8;

    /// <summary>In float16, whose largest number is 65504: the gradient of a vector of zeros is divided by it.</summary>
    private const double SmallestHalfLength = 1e-3;

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
        return Normalize(key);
    }

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth: null, keyWidth: null);
        using var scope = NewDisposeScope();
        var factor = shape.Type is ScalarType.Float16 or ScalarType.BFloat16 ? LogitScale.to(float32).exp() : LogitScale.exp();
        var scaled = Normalize(query) * factor;
        return DotScore.Products(scaled, projectedKey, shape).MoveToOuterDisposeScope();
    }

    /// <summary>Vectors of length one, computed in at least float32: squares of float16 numbers are soon infinite.</summary>
    private static Tensor Normalize(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        var dtype = vectors.dtype;
        var precise = dtype is ScalarType.Float16 or ScalarType.BFloat16 ? vectors.to(float32) : vectors;
        var smallest = dtype == ScalarType.Float16 ? SmallestHalfLength : SmallestLength;
        return nn.functional.normalize(precise, p: 2, dim: -1, eps: smallest).to(dtype).MoveToOuterDisposeScope();
    }
}
