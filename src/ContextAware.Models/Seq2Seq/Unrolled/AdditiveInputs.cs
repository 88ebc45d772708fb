using ContextAware.Loops;
using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>What goes into <see cref="AdditiveLoop"/>.</summary>
/// <remarks>Shapes: T steps, B batch, S source length, A attention width, C context width, D state width, G gates.</remarks>
/// <param name="Projected">The symbols' part of the gates, with all biases that are simply added <c>[T,B,G·D]</c>.</param>
/// <param name="DoubledKeys">2(W_k k + b) <c>[B,S,A]</c>.</param>
/// <param name="Values"><c>[B,S,C]</c>.</param>
/// <param name="State">The first state <c>[B,D]</c>.</param>
/// <param name="ContextWeight">The contexts' part of the cell <c>[G·D,C]</c>.</param>
/// <param name="StateWeight">The states' part of the cell <c>[G·D,D]</c>.</param>
/// <param name="QueryWeight">W_q <c>[A,D]</c>.</param>
/// <param name="Vector">v <c>[A]</c>.</param>
/// <param name="CandidateBias">The bias inside of a GRU's reset gate <c>[D]</c>; null for an LSTM.</param>
/// <param name="Memory">The first memory of an LSTM <c>[B,D]</c>; null for a GRU.</param>
/// <param name="GateWeight">w of the gate β = σ(w s + b) on the contexts <c>[1,D]</c>; null: no gate.</param>
/// <param name="GateBias">b of the gate <c>[1]</c>; null: no gate.</param>
internal sealed record AdditiveInputs(
    Tensor Projected,
    Tensor DoubledKeys,
    Tensor Values,
    Tensor State,
    Tensor ContextWeight,
    Tensor StateWeight,
    Tensor QueryWeight,
    Tensor Vector,
    Tensor? CandidateBias,
    Tensor? Memory,
    Tensor? GateWeight = null,
    Tensor? GateBias = null)
{
    /// <summary>Whether loops of ours make the scores.</summary>
    public bool GoesByLoops => TanhLoops.Serve(State, DoubledKeys, Vector);

    /// <summary>How many of them are there for either kind of cell.</summary>
    public static int Count(bool gated) => gated ? 11 : 9;

    /// <summary>All that are there, in order.</summary>
    public List<Tensor> ToList() =>
    [
        Projected, DoubledKeys, Values, State, ContextWeight, StateWeight, QueryWeight, Vector, (CandidateBias ?? Memory)!,
        .. GateWeight is null ? [] : new[] { GateWeight, GateBias! },
    ];

    /// <summary>The opposite of <see cref="ToList"/>.</summary>
    public static AdditiveInputs From(IReadOnlyList<Tensor> list, CellKind kind, bool gated)
    {
        var isGru = kind == CellKind.Gru;
        return new(
            list[0], list[1], list[2], list[3], list[4], list[5], list[6], list[7],
            isGru ? list[8] : null, isGru ? null : list[8], gated ? list[9] : null, gated ? list[10] : null);
    }

    /// <summary>What of a state's products goes into the gates, the query and, if there is one, the gate of the context <c>[G·D+A(+1),D]</c>.</summary>
    public Tensor FromState => cat(GateWeight is null ? [StateWeight, QueryWeight] : [StateWeight, QueryWeight, GateWeight]);

    /// <summary>The same loop in operations that autograd follows: states and contexts <c>[T,B,…]</c>, weights <c>[T,B,S]</c>.</summary>
    public (Tensor States, Tensor Contexts, Tensor Weights) Follow(Tensor? allowed)
    {
        var (states, contexts, weights) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        var state = new RecurrentState(State, Memory);
        var kind = CandidateBias is null ? CellKind.Lstm : CellKind.Gru;
        var unrolled = UnrolledCell.Of(kind, ContextWeight, StateWeight, CandidateBias);
        foreach (var projected in Projected.unbind(0))
        {
            var query = matmul(state.Hidden, QueryWeight.t()).unsqueeze(1);                 // [B,1,A]
            var scores = matmul((DoubledKeys + (query * 2)).sigmoid(), Vector * 2);         // [B,S], but for a constant
            var looked = MaskedSoftmax.Apply(scores, allowed);
            var context = matmul(looked.unsqueeze(1), Values).squeeze(1);                  // [B,C]
            if (GateWeight is not null)
                context = context * nn.functional.linear(state.Hidden, GateWeight, GateBias).sigmoid();
            state = unrolled.Advance(projected, context, state);
            states.Add(state.Hidden);
            contexts.Add(context);
            weights.Add(looked);
        }

        return (stack(states), stack(contexts), stack(weights));
    }
}
