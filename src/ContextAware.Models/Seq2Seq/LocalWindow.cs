using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// Predicts where to look, and lets nothing be seen that is far from there: "local-p", Luong et al. 2015 (arXiv 1508.04025),
/// eq. 9 and 10.
/// </summary>
/// <remarks>
/// p = S·sigmoid(vᵀ tanh(W h)); weights are spread over the positions from p − D to p + D and then multiplied by
/// exp(−(s − p)²/2σ²), σ = D/2. Positions are counted from 0. In the state dict: <c>W_p.weight</c>, <c>v_p.weight</c>.
/// Shapes: B batch, T steps, S source length, Dq width of a state.
/// </remarks>
public sealed class LocalWindow : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Scalar reach;
    private readonly Scalar sharpness;

    [ComponentName(Name = "W_p")]
    private readonly Linear projection;

    [ComponentName(Name = "v_p")]
    private readonly Linear vector;

    /// <summary>Makes the window.</summary>
    /// <param name="stateWidth">Dq.</param>
    /// <param name="reach">D: how far from the middle a position may be; at least 1, so that there is always one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public LocalWindow(long stateWidth, long reach)
        : base(nameof(LocalWindow))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stateWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(reach);
        this.reach = reach;
        sharpness = -2.0 / (reach * reach);                                                // −1/2σ²
        projection = nn.Linear(stateWidth, stateWidth, hasBias: false);
        vector = nn.Linear(stateWidth, 1, hasBias: false);
        RegisterComponents();
    }

    /// <summary>Where each state wants to look: p of eq. 9.</summary>
    /// <param name="state"><c>[B,Dq]</c> or <c>[B,T,Dq]</c>.</param>
    /// <param name="lengths">The sources' lengths, in the type of the state, or in float32 where that has too few digits for positions <c>[B,1]</c>.</param>
    /// <returns><c>[B,1]</c> or <c>[B,T,1]</c>, in the type of the lengths.</returns>
    public override Tensor forward(Tensor state, Tensor lengths)
    {
        using var scope = NewDisposeScope();
        var part = vector.call(projection.call(state).tanh_()).to(lengths.dtype).sigmoid();
        return (part * (part.Dimensions == 3 ? lengths.unsqueeze(1) : lengths)).MoveToOuterDisposeScope();
    }

    /// <summary>Which positions are inside of the window, and what to multiply their weights with.</summary>
    /// <param name="center">What <see cref="forward"/> gave.</param>
    /// <param name="positions">0, 1, …, S−1 <c>[S]</c>, in the type of the center.</param>
    /// <returns>Bool and factors, <c>[B,S]</c> or <c>[B,T,S]</c>.</returns>
    internal (Tensor Inside, Tensor Factors) At(Tensor center, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var distance = positions - center;
        var inside = distance.abs().le(reach);
        var factors = (distance * distance * sharpness).exp_();                            // eq. 10
        return (inside.MoveToOuterDisposeScope(), factors.MoveToOuterDisposeScope());
    }
}
