using ContextAware.Loops;
using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// What a decoder attends to at every step, made ready once: projected keys, values, and which of them may be seen.
/// Made by <see cref="ScoredAttention.Prepare"/>.
/// </summary>
/// <remarks>Owns its tensors: dispose it, or make it in a dispose scope.</remarks>
public sealed class AttentionSource : IDisposable
{
    private readonly SourceMask? mask;
    private readonly Tensor? poisoned;
    private readonly bool widens;

    /// <param name="projectedKey"><c>[B,S,…]</c>.</param>
    /// <param name="value"><c>[B,S,Dv]</c>.</param>
    /// <param name="mask">What may be seen; null: everything.</param>
    /// <param name="poisoned">Queries that see a key or value with NaN or infinity in it, bool <c>[B,T,1]</c>, or null.</param>
    internal AttentionSource(Tensor projectedKey, Tensor value, SourceMask? mask, Tensor? poisoned)
    {
        ProjectedKey = projectedKey;
        Value = value;
        this.mask = mask;
        this.poisoned = poisoned;
        widens = value.dtype == ScalarType.Float16 && value.device_type == DeviceType.CPU;
    }

    /// <summary>What the score function made of the keys: <c>[B,S,…]</c>.</summary>
    public Tensor ProjectedKey { get; }

    /// <summary>The values, zero where no query may look: <c>[B,S,Dv]</c>.</summary>
    public Tensor Value { get; }

    /// <summary>True where a query may look: bool <c>[B or 1, T or 1, S or 1]</c>; null if everywhere.</summary>
    public Tensor? Allowed => mask?.Allowed;

    /// <summary>The same source for other batch rows: rows repeated or reordered for a beam, finished ones left out.</summary>
    /// <param name="rows">int64 <c>[N]</c>, indices of batch rows.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rows"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="rows"/> is not of that type and shape.</exception>
    public AttentionSource Select(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.dtype != ScalarType.Int64 || rows.Dimensions != 1)
            throw new ArgumentException($"Expected indices [N] of type Int64, got {ShapeText.Of(rows)} of type {rows.dtype}.", nameof(rows));
        return new(ProjectedKey.index_select(0, rows), Value.index_select(0, rows), mask?.Select(rows), poisoned?.index_select(0, rows));
    }

    /// <summary>Checks that these are as many queries as the mask was made for, if it differs between queries.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    internal void CheckQueries(Tensor query)
    {
        if (mask is null or { Queries: 1 })
            return;
        var shape = query.shape;
        var queries = shape.Length == 3 ? shape[1] : 1;
        if (queries != mask.Queries)
            throw new ArgumentException($"Expected {mask.Queries} queries, for which the source was prepared, got {queries}.", nameof(query));
    }

    /// <summary>Softmax over those of some keys that a query may see; zeros where there is none.</summary>
    /// <param name="scores"><c>[B,T,S]</c>, or <c>[B,S]</c> for one step.</param>
    /// <param name="some">Bool, shaped like the scores.</param>
    internal Tensor Softmax(Tensor scores, Tensor some)
    {
        if (Allowed is not { } allowed)
            return MaskedSoftmax.Apply(scores, some);
        using var scope = NewDisposeScope();
        var both = some.logical_and(scores.Dimensions == 3 ? allowed : allowed.squeeze(1));
        return MaskedSoftmax.Apply(scores, both).MoveToOuterDisposeScope();
    }

    /// <summary>Softmax over the keys that a query may see.</summary>
    /// <param name="scores"><c>[B,T,S]</c>, or <c>[B,S]</c> for one step.</param>
    internal Tensor Softmax(Tensor scores)
    {
        if (mask is null)
            return MaskedSoftmax.Apply(scores, allowed: null);
        using var scope = NewDisposeScope();
        var dtype = scores.dtype;
        var isHalf = dtype is ScalarType.Float16 or ScalarType.BFloat16;
        var precise = isHalf ? scores.to(float32) : scores;
        var weights = scores.Dimensions == 3
            ? mask.Softmax(precise)                                        // [B,T,S]
            : mask.Softmax(precise.unsqueeze(1)).squeeze(1);               // [B,1,S] → [B,S]
        return (isHalf ? weights.to(dtype) : weights).MoveToOuterDisposeScope();
    }

    /// <summary>Queries with zeros for those that may look at nothing: 0·NaN would reach the gradient of the keys.</summary>
    internal Tensor Clean(Tensor query) => mask is null ? query : mask.Clean(query);

    /// <summary>NaN where a query sees what is not finite; the values themselves have zeros there.</summary>
    internal Tensor Mark(Tensor weights) => poisoned is null ? weights : weights.masked_fill(poisoned, double.NaN);

    /// <summary>Σ_s weight·value: <c>[B,T,S]</c> → <c>[B,T,Dv]</c>, or <c>[B,S]</c> → <c>[B,Dv]</c>.</summary>
    internal Tensor Combine(Tensor weights)
    {
        using var scope = NewDisposeScope();
        // Older libtorches have no product in float16 on the CPU.
        var (w, v) = widens ? (weights.to(float32), Value.to(float32)) : (weights, Value);
        var sum = weights.Dimensions == 2
            ? SumLoops.Over(w.unsqueeze(1), v).squeeze(1)                          // [B,1,S]·[B,S,Dv] → [B,Dv]
            : SumLoops.Over(w, v);                                                  // [B,T,S]·[B,S,Dv] → [B,T,Dv]
        return (widens ? sum.to(float16) : sum).MoveToOuterDisposeScope();
    }

    /// <summary>The source as one query sees it. Shares its memory.</summary>
    internal AttentionSource Query(long index) =>
        new(ProjectedKey.alias(), Value.alias(), mask?.Query(index), poisoned: null);

    /// <summary>Leaves the source to the enclosing dispose scope.</summary>
    public AttentionSource MoveToOuterDisposeScope()
    {
        ProjectedKey.MoveToOuterDisposeScope();
        Value.MoveToOuterDisposeScope();
        mask?.MoveToOuterDisposeScope();
        poisoned?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Takes the source out of all dispose scopes: who calls this disposes it.</summary>
    public AttentionSource DetachFromDisposeScope()
    {
        ProjectedKey.DetachFromDisposeScope();
        Value.DetachFromDisposeScope();
        mask?.DetachFromDisposeScope();
        poisoned?.DetachFromDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ProjectedKey.Dispose();
        Value.Dispose();
        mask?.Dispose();
        poisoned?.Dispose();
    }
}
