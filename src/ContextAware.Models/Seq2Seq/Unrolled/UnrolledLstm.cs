using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>i, f, o = σ(…), g = tanh(…), c' = f·c + i·g, h' = o·tanh(c'), all gates from input and state.</summary>
/// <param name="contextWeight">Transposed <c>[C,4D]</c>; null if no step is given a context.</param>
/// <param name="stateWeight">Transposed <c>[D,4D]</c>.</param>
internal sealed class UnrolledLstm(Tensor? contextWeight, Tensor stateWeight) : UnrolledCell
{
    public override RecurrentState Advance(Tensor projected, Tensor? context, RecurrentState state)
    {
        using var scope = NewDisposeScope();
        var memory = state.Cell ?? throw new ArgumentException("Expected a state with a memory cell, got one without.", nameof(state));
        var fromInput = context is null ? projected : addmm(projected, context, contextWeight!, 1, 1);
        var gates = addmm(fromInput, state.Hidden, stateWeight, 1, 1).chunk(4, 1);          // i, f, g, o: [B,D] each
        var next = (gates[1].sigmoid() * memory) + (gates[0].sigmoid() * gates[2].tanh());
        return new RecurrentState(gates[3].sigmoid() * next.tanh(), next).MoveToOuterDisposeScope();
    }
}
