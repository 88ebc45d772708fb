using ContextAware.Models.Seq2Seq.Unrolled;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A <see cref="RecurrentCell"/> with its weights laid out for many steps.</summary>
/// <remarks>Shapes: B batch, C context, D state width, G gates.</remarks>
public abstract class UnrolledCell
{
    private protected UnrolledCell()
    {
    }

    /// <summary>Lays out weights for many steps.</summary>
    /// <param name="kind">GRU or LSTM.</param>
    /// <param name="contextWeight"><c>[G·D,C]</c>; null if no step is given a context.</param>
    /// <param name="stateWeight"><c>[G·D,D]</c>.</param>
    /// <param name="candidateBias">The bias inside of a GRU's reset gate <c>[D]</c>; null for an LSTM.</param>
    internal static UnrolledCell Of(CellKind kind, Tensor? contextWeight, Tensor stateWeight, Tensor? candidateBias) =>
        kind == CellKind.Gru
            ? new UnrolledGru(contextWeight?.t(), stateWeight.t(), candidateBias!)
            : new UnrolledLstm(contextWeight?.t(), stateWeight.t());

    /// <summary>One step.</summary>
    /// <param name="projected">What <see cref="RecurrentCell.ProjectInput(Tensor)"/> gave for this step: <c>[B,G·D]</c>.</param>
    /// <param name="context">The context <c>[B,C]</c>; null if there is none, or if it is in the first part already.</param>
    /// <param name="state">The state <c>[B,D]</c>.</param>
    /// <returns>The next state <c>[B,D]</c>, in the current dispose scope.</returns>
    public abstract RecurrentState Advance(Tensor projected, Tensor? context, RecurrentState state);
}
