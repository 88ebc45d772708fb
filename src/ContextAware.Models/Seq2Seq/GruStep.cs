using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A GRU step: Cho et al. 2014 (arXiv 1406.1078), with the reset gate after the product, as in PyTorch.</summary>
internal sealed class GruStep(long inputWidth, long contextWidth, long width)
    : RecurrentCell(nameof(GruStep), 3, inputWidth, contextWidth, width)
{
    public override UnrolledCell Unroll() => new Unrolled(KnownWeight, ContextWeight, StateWeight, InputBias, StateBias);

    private sealed class Unrolled(Tensor knownWeight, Tensor contextWeight, Tensor stateWeight, Tensor inputBias, Tensor stateBias) : UnrolledCell
    {
        public override Tensor ProjectInput(Tensor input) => nn.functional.linear(input, knownWeight, inputBias);

        public override RecurrentState Advance(Tensor projected, Tensor context, RecurrentState state)
        {
            using var scope = NewDisposeScope();
            var fromInput = addmm(projected, context, contextWeight, 1, 1).chunk(3, 1);            // r, z, n: [B,D] each
            var fromState = addmm(stateBias, state.Hidden, stateWeight, 1, 1).chunk(3, 1);
            var reset = (fromInput[0] + fromState[0]).sigmoid_();
            var update = (fromInput[1] + fromState[1]).sigmoid_();
            var candidate = (fromInput[2] + (reset * fromState[2])).tanh_();
            return new(lerp(candidate, state.Hidden, update).MoveToOuterDisposeScope(), null);
        }
    }
}
