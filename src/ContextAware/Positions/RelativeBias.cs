using ContextAware.Interop;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>A learned bias for each head and bucket of distances, as in T5.</summary>
/// <remarks>
/// Raffel et al. 2020, "Exploring the limits of transfer learning with a unified text-to-text transformer", section 2.1. Half
/// of the buckets of a direction hold one distance each, the others grow logarithmically up to the greatest distance, and
/// the last holds everything beyond. The one parameter is <c>weight</c> [buckets, H], so that a field named
/// <c>relative_attention_bias</c> has T5's name. T5 does not scale its scores.
/// </remarks>
public sealed class RelativeBias : nn.Module<Tensor, long, Tensor>, IPositionBias
{
    private readonly Parameter weight;
    private readonly PositionTables tables;

    /// <summary>Makes a bias, initialised from N(0, deviation²).</summary>
    /// <param name="heads">H.</param>
    /// <param name="bidirectional">Whether past and future have buckets of their own, as in an encoder. Otherwise the whole
    /// future has the bucket of distance zero, as in a decoder.</param>
    /// <param name="buckets">How many buckets; 32 in T5.</param>
    /// <param name="maximumDistance">From where on all distances share the last bucket; 128 in T5.</param>
    /// <param name="deviation">The standard deviation of the initial values.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is too small.</exception>
    /// <exception cref="ArgumentException">Both directions can't share the buckets evenly.</exception>
    public RelativeBias(long heads, bool bidirectional = true, long buckets = 32, long maximumDistance = 128, double deviation = 0.02)
        : base(nameof(RelativeBias))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, bidirectional ? 4 : 2);
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        if (bidirectional && buckets % 2 != 0)
            throw new ArgumentException($"Two directions need an even number of buckets, not {buckets}.", nameof(buckets));
        var ofOneDirection = bidirectional ? buckets / 2 : buckets;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maximumDistance, ofOneDirection / 2);
        Heads = heads;
        weight = OwnParameter.Of(empty(buckets, heads));
        if (!WeightInitialization.IsSkipped)
            nn.init.normal_(weight, 0, deviation);
        tables = new PositionTables(length => [Build(length, ofOneDirection, maximumDistance, bidirectional)], dimension: -1);
        RegisterComponents();
    }

    /// <summary>H.</summary>
    public long Heads { get; }

    /// <summary>The biases of queries that are aligned to the end of the keys.</summary>
    /// <param name="query">[B, T, D] or [B, H, T, E]; only T matters.</param>
    /// <param name="keyLength">S.</param>
    /// <returns>[1, H, T, S], to be added to the scores.</returns>
    /// <exception cref="ArgumentException">The query has less than two dimensions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The key length is negative.</exception>
    public override Tensor forward(Tensor query, long keyLength)
    {
        var length = PositionChecks.QueryLength(query, keyLength);
        using var scope = NewDisposeScope();
        var buckets = Distances.Take(tables, length, keyLength, weight.device);   // [T+S-1]
        var values = weight.index_select(0, buckets).t().unsqueeze(0);            // [1, H, T+S-1]
        return Toeplitz.Spread(values, length, keyLength).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Bias(Tensor query, long keyLength) => call(query, keyLength);

    /// <inheritdoc/>
    public Tensor BiasAt(Tensor query, Tensor ids, long keyLength)
    {
        PositionChecks.Ids(ids, PositionChecks.QueryLength(query, keyLength), query);
        using var scope = NewDisposeScope();
        var buckets = Distances.Take(tables, keyLength, keyLength, weight.device);                   // [2S-1]
        var keys = arange(keyLength - 1, 2 * keyLength - 1, ScalarType.Int64, weight.device);
        var index = keys.sub(ids.unsqueeze(-1));                                                     // [B, T, S] or [T, S]
        var values = PositionTables.Lookup(weight, buckets.index_select(0, index.reshape(-1)).view(index.shape));
        return (values.ndim == 3 ? values.unsqueeze(0) : values).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            tables.Dispose();
        base.Dispose(disposing);
    }

    // The bucket of each distance from 1-L to L-1.
    private static Tensor Build(long length, long buckets, long maximumDistance, bool bidirectional) =>
        tensor(Distances.Map(length, distance =>
        {
            var bucket = Bucket(bidirectional ? Math.Abs(distance) : Math.Max(-distance, 0), buckets, maximumDistance);
            return bidirectional && distance > 0 ? bucket + buckets : bucket;
        }), device: CPU);

    // In float32, as the programs that trained the weights.
    private static long Bucket(long distance, long buckets, long maximumDistance)
    {
        var exact = buckets / 2;
        if (distance < exact)
            return distance;
        var share = MathF.Log((float)distance / exact) / (float)Math.Log((double)maximumDistance / exact);
        return Math.Min(exact + (long)(share * (buckets - exact)), buckets - 1);
    }
}
