using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// What a decoder attends to at every step, made ready once: projected keys, values, and which of them may be seen.
/// Made by <see cref="ScoredAttention.Prepare"/>.
/// </summary>
/// <remarks>Owns its tensors: dispose it, or make it in a dispose scope.</remarks>
public sealed class AttentionSource : IDisposable
{
    private readonly long queryLength;
    private readonly Tensor? poisoned;

    /// <param name="projectedKey"><c>[B,S,…]</c>.</param>
    /// <param name="value"><c>[B,S,Dv]</c>.</param>
    /// <param name="allowed">bool <c>[B or 1, T or 1, S or 1]</c>, or null.</param>
    /// <param name="poisoned">Queries that see a key or value with NaN or infinity in it, bool <c>[B,T,1]</c>, or null.</param>
    internal AttentionSource(Tensor projectedKey, Tensor value, Tensor? allowed, Tensor? poisoned)
    {
        ProjectedKey = projectedKey;
        Value = value;
        Allowed = allowed;
        this.poisoned = poisoned;
        queryLength = allowed?.shape[1] ?? 1;
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
        return new(ProjectedKey.index_select(0, rows), Value.index_select(0, rows), allowed, poisoned?.index_select(0, rows));
    }

    /// <summary>The mask in the form of the scores: as it is for <c>[B,T,S]</c>, without T for <c>[B,S]</c>.</summary>
    /// <param name="query">Sizes of the query, or of its scores: three for several queries, two for a single step.</param>
    /// <exception cref="ArgumentException">The mask was made for another number of queries.</exception>
    internal Tensor? AllowedFor(long[] query)
    {
        if (Allowed is null)
            return null;
        var queries = query.Length == 3 ? query[1] : 1;
        if (queryLength != 1 && queryLength != queries)
            throw new ArgumentException($"Expected {queryLength} queries, for which the source was prepared, got {queries}.", nameof(query));
        return query.Length == 3 ? Allowed : Allowed.squeeze(1);
    }

    /// <summary>NaN where a query sees what is not finite; the values themselves have zeros there.</summary>
    internal Tensor Mark(Tensor rows) => poisoned is null ? rows : rows.masked_fill(poisoned, double.NaN);

    /// <summary>Leaves the source to the enclosing dispose scope.</summary>
    public AttentionSource MoveToOuterDisposeScope()
    {
        ProjectedKey.MoveToOuterDisposeScope();
        Value.MoveToOuterDisposeScope();
        Allowed?.MoveToOuterDisposeScope();
        poisoned?.MoveToOuterDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ProjectedKey.Dispose();
        Value.Dispose();
        Allowed?.Dispose();
        poisoned?.Dispose();
    }
}
