using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// What a decoder attends to at every step, made ready once: projected keys, values, and which of them may be seen.
/// Made by <see cref="ScoredAttention.Prepare"/>.
/// </summary>
/// <remarks>Owns its tensors: dispose it, or make it in a dispose scope.</remarks>
public sealed class AttentionSource : IDisposable
{
    internal AttentionSource(Tensor projectedKey, Tensor value, Tensor? allowed)
    {
        ProjectedKey = projectedKey;
        Value = value;
        Allowed = allowed;
    }

    /// <summary>What the score function made of the keys: <c>[B,S,…]</c>.</summary>
    public Tensor ProjectedKey { get; }

    /// <summary>The values, zero where no query may look: <c>[B,S,Dv]</c>.</summary>
    public Tensor Value { get; }

    /// <summary>True where a query may look: bool <c>[B or 1, T or 1, S or 1]</c>; null if everywhere.</summary>
    public Tensor? Allowed { get; }

    /// <summary>The same source for other batch rows: rows repeated or reordered for a beam, finished ones left out.</summary>
    /// <param name="rows">int64 <c>[N]</c>, indices of batch rows.</param>
    public AttentionSource Select(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var allowed = Allowed is null || Allowed.shape[0] == 1 ? Allowed?.alias() : Allowed.index_select(0, rows);
        return new AttentionSource(ProjectedKey.index_select(0, rows), Value.index_select(0, rows), allowed);
    }

    /// <summary>Leaves the source to the enclosing dispose scope.</summary>
    public AttentionSource MoveToOuterDisposeScope()
    {
        ProjectedKey.MoveToOuterDisposeScope();
        Value.MoveToOuterDisposeScope();
        Allowed?.MoveToOuterDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ProjectedKey.Dispose();
        Value.Dispose();
        Allowed?.Dispose();
    }
}
