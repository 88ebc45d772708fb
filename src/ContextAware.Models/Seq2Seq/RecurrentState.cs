using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What a recurrent layer hands from step to step.</summary>
/// <param name="Hidden">The state h: <c>[B,H]</c>, or <c>[L,B,H]</c> for all layers and directions of an encoder.</param>
/// <param name="Cell">The memory c of an LSTM, shaped like h; null for a GRU.</param>
public sealed record RecurrentState(Tensor Hidden, Tensor? Cell) : IDisposable
{
    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Hidden.Dispose();
        Cell?.Dispose();
    }

    /// <summary>Keeps the tensors beyond the current dispose scope.</summary>
    public RecurrentState MoveToOuterDisposeScope() =>
        new(Hidden.MoveToOuterDisposeScope(), Cell?.MoveToOuterDisposeScope());

    /// <summary>Takes the tensors out of all dispose scopes.</summary>
    public RecurrentState DetachFromDisposeScope() =>
        new(Hidden.DetachFromDisposeScope(), Cell?.DetachFromDisposeScope());

    /// <summary>The states of several layers in one, <c>[L,B,H]</c> each.</summary>
    internal static RecurrentState Concatenate(IReadOnlyList<RecurrentState> states) => new(
        cat([.. states.Select(state => state.Hidden)]),
        states[0].Cell is null ? null : cat([.. states.Select(state => state.Cell!)]));
}
