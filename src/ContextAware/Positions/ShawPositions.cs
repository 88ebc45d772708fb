using ContextAware.Interop;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>Learned vectors for each distance of key and query, up to a greatest one, that join the keys and the values.</summary>
/// <remarks>
/// Shaw et al. 2018, "Self-attention with relative position representations": equation 4 adds a^K to the keys in the scores,
/// equation 3 adds a^V to the values in the sum. All heads share them. Parameters: <c>key_table</c> and, unless left out,
/// <c>value_table</c>, [2k+1, E] each, from distance -k to k.
/// </remarks>
public sealed class ShawPositions : nn.Module<Tensor, long, Tensor>
{
    private readonly Parameter key_table;
    private readonly Parameter? value_table;
    private readonly PositionTables tables;
    private readonly Scalar scale;

    /// <summary>Makes the vectors, initialised as Glorot and Bengio 2010.</summary>
    /// <param name="headWidth">E, the width of a head.</param>
    /// <param name="maximumDistance">k: distances beyond it count as k.</param>
    /// <param name="values">Whether the values have vectors too.</param>
    /// <param name="scale">What the scores are multiplied by; 1/√E when absent.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public ShawPositions(long headWidth, long maximumDistance, bool values = true, double? scale = null) : base(nameof(ShawPositions))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumDistance);
        (HeadWidth, MaximumDistance) = (headWidth, maximumDistance);
        this.scale = scale ?? 1 / Math.Sqrt(headWidth);
        key_table = Table();
        value_table = values ? Table() : null;
        tables = new PositionTables(
            length => [tensor(Distances.Map(length, distance => Math.Clamp(distance, -maximumDistance, maximumDistance) + maximumDistance), device: CPU)],
            dimension: -1);
        RegisterComponents();
    }

    /// <summary>E, the width of a head.</summary>
    public long HeadWidth { get; }

    /// <summary>k: distances beyond it count as k.</summary>
    public long MaximumDistance { get; }

    /// <summary>Whether the values have vectors too.</summary>
    public bool HasValues => value_table is not null;

    /// <summary>Whether one of the tables is learned.</summary>
    internal bool HasGradients => key_table.requires_grad || value_table is { requires_grad: true };

    /// <summary>What the keys' vectors add to the scores of queries that are aligned to the end of the keys.</summary>
    /// <param name="query">[B, H, T, E], not scaled.</param>
    /// <param name="keyLength">S.</param>
    /// <returns>[B, H, T, S]: scaled, to be added to the scaled scores.</returns>
    /// <exception cref="ArgumentException">The query is not [B, H, T, E].</exception>
    /// <exception cref="ArgumentOutOfRangeException">The key length is negative.</exception>
    public override Tensor forward(Tensor query, long keyLength) => Scores(query, keyLength, null);

    /// <summary>The same for queries at positions of their own, in rows of unequal length.</summary>
    /// <inheritdoc cref="forward"/>
    /// <param name="query">[B, H, T, E], not scaled.</param>
    /// <param name="keyLength">S: key s stands at position s.</param>
    /// <param name="ids">int64 [B, T] or [T]; null: aligned to the end of the keys.</param>
    public Tensor Scores(Tensor query, long keyLength, Tensor? ids)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(keyLength);
        if (query.shape is not [var batch, var heads, var length, var width] || width != HeadWidth)
            throw new ArgumentException($"Expected [B, H, T, {HeadWidth}], got {ShapeText.Of(query)}.", nameof(query));
        using var scope = NewDisposeScope();
        var products = query.mul(scale).matmul(key_table.t());                    // [B, H, T, 2k+1]
        var index = Index(query, length, keyLength, ids);                         // [T, S] or [B, 1, T, S]
        return products.gather(-1, index.expand(batch, heads, length, keyLength)).MoveToOuterDisposeScope();
    }

    /// <summary>What the values' vectors add to the attention's output.</summary>
    /// <param name="weights">The attention weights, [B, H, T, S].</param>
    /// <param name="ids">Positions of the queries, int64 [B, T] or [T]; null: aligned to the end of the keys.</param>
    /// <returns>[B, H, T, E].</returns>
    /// <exception cref="InvalidOperationException">The values have no vectors.</exception>
    /// <exception cref="ArgumentException">The weights are not [B, H, T, S].</exception>
    public Tensor Values(Tensor weights, Tensor? ids = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (value_table is null)
            throw new InvalidOperationException("These positions were made without vectors for the values.");
        if (weights.shape is not [var batch, var heads, var length, var keyLength])
            throw new ArgumentException($"Expected [B, H, T, S], got {ShapeText.Of(weights)}.", nameof(weights));
        using var scope = NewDisposeScope();
        var index = Index(weights, length, keyLength, ids).expand(batch, heads, length, keyLength);
        var sums = weights.new_zeros(batch, heads, length, 2 * MaximumDistance + 1);   // the weight of each distance
        return sums.scatter_add(-1, index, weights).matmul(value_table).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            tables.Dispose();
        base.Dispose(disposing);
    }

    private Parameter Table()
    {
        var table = OwnParameter.Of(empty(2 * MaximumDistance + 1, HeadWidth));
        if (!WeightInitialization.IsSkipped)
            nn.init.xavier_uniform_(table);
        return table;
    }

    /// <summary>The row of the tables for each query and key: [T, S], or [B, 1, T, S] for ids of a batch.</summary>
    private Tensor Index(Tensor like, long length, long keyLength, Tensor? ids)
    {
        if (ids is null)
            return Toeplitz.Spread(Distances.Take(tables, length, keyLength, like.device), length, keyLength);
        PositionChecks.Ids(ids, length, like);
        var distances = arange(keyLength, ScalarType.Int64, like.device).sub(ids.unsqueeze(-1));      // [B, T, S]
        var rows = distances.clamp_((Scalar)(-MaximumDistance), (Scalar)MaximumDistance).add_(MaximumDistance);
        return rows.ndim == 3 ? rows.unsqueeze(1) : rows;
    }
}
