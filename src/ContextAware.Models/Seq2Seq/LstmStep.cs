using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>An LSTM step: Hochreiter and Schmidhuber 1997 with a forget gate, as in PyTorch.</summary>
internal sealed class LstmStep(long inputWidth, long contextWidth, long width)
    : RecurrentCell(nameof(LstmStep), 4, inputWidth, contextWidth, width)
{
    public override UnrolledCell Unroll() => new Unrolled(KnownWeight, ContextWeight, StateWeight, InputBias + StateBias);

    private sealed class Unrolled(Tensor knownWeight, Tensor contextWeight, Tensor stateWeight, Tensor bias) : UnrolledCell
    {
        public override Tensor ProjectInput(Tensor input) => nn.functional.linear(input, knownWeight, bias);

        public override RecurrentState Advance(Tensor projected, Tensor context, RecurrentState state)
        {
            using var scope = NewDisposeScope();
            var memory = state.Cell ?? throw new ArgumentException("Expected a state with a memory cell, got one without.", nameof(state));
            var gates = addmm(addmm(projected, context, contextWeight, 1, 1), state.Hidden, stateWeight, 1, 1).chunk(4, 1);  // i, f, g, o: [B,D] each
            var next = (gates[1].sigmoid() * memory) + (gates[0].sigmoid() * gates[2].tanh());
            return new RecurrentState(gates[3].sigmoid() * next.tanh(), next).MoveToOuterDisposeScope();
        }
    }
}
