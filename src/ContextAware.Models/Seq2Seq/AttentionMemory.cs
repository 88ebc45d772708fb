using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What a decoder looks at while it writes: made once per source, used at every step.</summary>
/// <param name="Values">The encoder's output <c>[B,S,W]</c>.</param>
/// <param name="Keys">The same, as <see cref="Scoring.ScoreFunction.ProjectKeys"/> prepared it.</param>
/// <param name="Allowed">Which positions hold no padding <c>[B,S]</c> bool; null if none is padding.</param>
public sealed record AttentionMemory(Tensor Values, Tensor Keys, Tensor? Allowed) : IDisposable
{
    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Values.Dispose();
        Keys.Dispose();
        Allowed?.Dispose();
    }

    /// <summary>Keeps the tensors beyond the current dispose scope.</summary>
    public AttentionMemory MoveToOuterDisposeScope() =>
        new(Values.MoveToOuterDisposeScope(), Keys.MoveToOuterDisposeScope(), Allowed?.MoveToOuterDisposeScope());

    /// <summary>Takes the tensors out of all dispose scopes.</summary>
    public AttentionMemory DetachFromDisposeScope() =>
        new(Values.DetachFromDisposeScope(), Keys.DetachFromDisposeScope(), Allowed?.DetachFromDisposeScope());

    /// <summary>The sources at some rows of the batch, in new tensors.</summary>
    /// <param name="rows">Rows <c>[N]</c> int64; a row may come more than once.</param>
    public AttentionMemory Select(Tensor rows) =>
        new(Values.index_select(0, rows), Keys.index_select(0, rows), Allowed?.index_select(0, rows));
}
