using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// A mask made ready for many softmaxes: what <see cref="Masking.MaskedSoftmax"/> finds out each time is found out once, so
/// that a decoding step costs one operation more than without a mask.
/// </summary>
internal sealed class SourceMask : IDisposable
{
    private readonly Tensor blocked;
    private readonly Tensor? empty;

    /// <param name="allowed">bool <c>[B or 1, T or 1, S or 1]</c>, true where a query may look.</param>
    public SourceMask(Tensor allowed)
    {
        using var scope = NewDisposeScope();
        var any = allowed.any(-1, keepdim: true);                                  // [B|1,T|1,1]
        // A row without any key is not blocked but emptied afterwards: a softmax of nothing is NaN.
        blocked = allowed.logical_not().logical_and(any).MoveToOuterDisposeScope();
        var none = any.logical_not();
        empty = DataLook.MayBeTrue(none.any()) ? none.MoveToOuterDisposeScope() : null;
        Allowed = allowed.alias().MoveToOuterDisposeScope();
        Queries = allowed.shape[1];
    }

    private SourceMask(Tensor allowed, Tensor blocked, Tensor? empty, long queries) =>
        (Allowed, this.blocked, this.empty, Queries) = (allowed, blocked, empty, queries);

    /// <summary>The mask itself.</summary>
    public Tensor Allowed { get; }

    /// <summary>T, or 1 if the mask is the same for all queries.</summary>
    public long Queries { get; }

    /// <summary>Weights over what is allowed; zeros in a row with nothing to look at.</summary>
    /// <param name="scores"><c>[B,T,S]</c>.</param>
    public Tensor Softmax(Tensor scores)
    {
        using var scope = NewDisposeScope();
        var weights = scores.masked_fill(blocked, double.NegativeInfinity).softmax(-1);
        return (empty is null ? weights : weights.masked_fill(empty, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>Zeros instead of queries that may look at nothing.</summary>
    /// <param name="query"><c>[B,T,Dq]</c>, or <c>[B,Dq]</c> for one step; whether it fits is the score's matter.</param>
    public Tensor Clean(Tensor query)
    {
        if (empty is null)
            return query;
        var (sizes, rows) = (query.shape, empty.size(0));
        if (sizes.Length is not (2 or 3) || (rows != 1 && rows != sizes[0]))
            return query;
        return query.masked_fill(sizes.Length == 3 ? empty : empty.squeeze(1), 0);
    }

    /// <summary>The mask of one query.</summary>
    public SourceMask Query(long index) => Queries == 1 ? Map(t => t.alias(), 1) : Map(t => t.narrow(1, index, 1), 1);

    /// <summary>The mask for other batch rows.</summary>
    public SourceMask Select(Tensor rows) => Map(t => t.shape[0] == 1 ? t.alias() : t.index_select(0, rows), Queries);

    /// <summary>Leaves the mask to the enclosing dispose scope.</summary>
    public void MoveToOuterDisposeScope()
    {
        Allowed.MoveToOuterDisposeScope();
        blocked.MoveToOuterDisposeScope();
        empty?.MoveToOuterDisposeScope();
    }

    /// <summary>Takes the mask out of all dispose scopes.</summary>
    public void DetachFromDisposeScope()
    {
        Allowed.DetachFromDisposeScope();
        blocked.DetachFromDisposeScope();
        empty?.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Allowed.Dispose();
        blocked.Dispose();
        empty?.Dispose();
    }

    private SourceMask Map(Func<Tensor, Tensor> change, long queries) =>
        new(change(Allowed), change(blocked), empty is null ? null : change(empty), queries);
}
