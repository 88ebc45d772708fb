using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// Chooses between a symbol of the vocabulary and one from the source: the pointer-generator of See et al. 2017
/// (arXiv 1704.04368), eq. 8 and 9.
/// </summary>
/// <remarks>
/// p = sigmoid(w·[c; s; x] + b); P(y) = p·P_vocabulary(y) + (1 − p)·Σ of the weights where the source has y.
/// In the state dict: <c>p_gen.weight</c> <c>[1,W+D+E]</c>, <c>p_gen.bias</c> <c>[1]</c>.
/// Shapes: B batch, S source length, V vocabulary, W context, D state, E embedding; any dimensions in front.
/// </remarks>
public sealed class CopyMechanism : nn.Module<Tensor, Tensor, Tensor, Tensor, Tensor>
{
    // Keeps the logarithm of what nobody points at finite; far below what float32 can add to anything that is.
    private static readonly Scalar Nothing = 1e-30;

    [ComponentName(Name = "p_gen")]
    private readonly Linear gate;

    /// <summary>Makes the mechanism.</summary>
    /// <param name="width">W + D + E.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is not positive.</exception>
    public CopyMechanism(long width)
        : base(nameof(CopyMechanism))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        gate = nn.Linear(width, 1);
        RegisterComponents();
    }

    /// <summary>The log-probabilities of all symbols, generated or copied.</summary>
    /// <param name="logits">The unnormalised log-probabilities of generating <c>[…,B,V]</c>.</param>
    /// <param name="inputs">[c; s; x] <c>[…,B,W+D+E]</c>.</param>
    /// <param name="weights">Where the step looked <c>[…,B,S]</c>.</param>
    /// <param name="symbols">The number that copying a position writes <c>[B,S]</c> int64.</param>
    /// <returns><c>[…,B,V]</c>.</returns>
    public override Tensor forward(Tensor logits, Tensor inputs, Tensor weights, Tensor symbols)
    {
        using var scope = NewDisposeScope();
        // In float16 nothing is as small as what keeps the logarithm finite.
        var type = logits.dtype;
        var precise = type is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : type;
        var open = gate.call(inputs).to(precise);                                          // […,B,1]
        var scores = logits.to(precise);
        var pointed = zeros_like(scores).scatter_add(-1, symbols.expand(weights.shape), weights.to(precise));   // […,B,V]
        var generate = scores.log_softmax(-1) + nn.functional.logsigmoid(open);
        var copy = (pointed + Nothing).log() + nn.functional.logsigmoid(-open);
        return logaddexp(generate, copy).to(type).MoveToOuterDisposeScope();
    }
}
