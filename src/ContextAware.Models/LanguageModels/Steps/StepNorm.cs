using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>
/// The norm of one vector [D]. A layer norm is one call. Of an RMS norm only x / √(Σx² + D·ε) is computed here: the factor
/// √D·g is <see cref="Factor"/>, which the weights that come next take over once.
/// </summary>
internal sealed class StepNorm
{
    private readonly Tensor? weight;
    private readonly Tensor? bias;
    private readonly long[] shape;
    private readonly double epsilon;
    private readonly Scalar? sumEpsilon;

    internal StepNorm(IReadOnlyDictionary<string, Tensor> weights, string name, DecoderOnlyOptions options, StepTensors tensors)
    {
        (shape, epsilon) = ([options.Width], options.NormEpsilon);
        var gain = weights[$"{name}.weight"];
        if (options.Norm == NormKind.Rms)
        {
            sumEpsilon = options.Width * options.NormEpsilon;
            Factor = tensors.Keep(gain * Math.Sqrt(options.Width));
        }
        else
        {
            (weight, bias) = (gain, weights[$"{name}.bias"]);
        }
    }

    /// <summary>What the input of the next product must be multiplied with, [D]; null: nothing.</summary>
    internal Tensor? Factor { get; }

    /// <summary>Normalises, but for <see cref="Factor"/>.</summary>
    internal Tensor Apply(Tensor x) => sumEpsilon is null
        ? nn.functional.layer_norm(x, shape, weight, bias, epsilon)
        : x.mul(x.dot(x).add_(sumEpsilon).rsqrt_());

    /// <summary>A product's weight [N, D] with the factor in it.</summary>
    internal Tensor Fold(Tensor weight) => Factor is null ? weight : weight * Factor;
}
