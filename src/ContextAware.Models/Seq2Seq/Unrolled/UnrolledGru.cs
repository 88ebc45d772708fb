using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>r = σ(x_r + h_r), z = σ(x_z + h_z), n = tanh(x_n + r·(h_n + b)), h' = (1 − z)·n + z·h.</summary>
/// <param name="contextWeight">Transposed <c>[C,3D]</c>; null if no step is given a context.</param>
/// <param name="stateWeight">Transposed <c>[D,3D]</c>.</param>
/// <param name="candidateBias">b <c>[D]</c>.</param>
internal sealed class UnrolledGru(Tensor? contextWeight, Tensor stateWeight, Tensor candidateBias) : UnrolledCell
{
    private readonly bool goesByLoops = GruLoops.Serve(stateWeight, stateWeight.shape[0]);

    public override RecurrentState Advance(Tensor projected, Tensor? context, RecurrentState state)
    {
        using var scope = NewDisposeScope();
        var gates = context is null ? projected : addmm(projected, context, contextWeight!, 1, 1);                          // [B,3D]
        var product = mm(state.Hidden, stateWeight);
        if (!is_grad_enabled() && goesByLoops && gates.stride(1) == 1 && state.Hidden.stride(1) == 1)
            return new(GruLoops.Advance(gates, product, candidateBias, state.Hidden).MoveToOuterDisposeScope(), null);
        var (fromInput, fromState) = (gates.chunk(3, 1), product.chunk(3, 1));                                              // r, z, n: [B,D] each
        var reset = (fromInput[0] + fromState[0]).sigmoid_();
        var update = (fromInput[1] + fromState[1]).sigmoid_();
        var candidate = (fromInput[2] + (reset * (fromState[2] + candidateBias))).tanh_();
        return new(lerp(candidate, state.Hidden, update).MoveToOuterDisposeScope(), null);
    }
}
