using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>Attention with linear biases: each head subtracts the distance of key and query, times a slope of its own.</summary>
/// <remarks>
/// Press et al. 2022, "Train short, test long: attention with linear biases enables input length extrapolation", section 3.
/// The slopes of a power of two heads H are 2^(-8/H), 2^(-16/H), …; other counts interleave those of the next powers, as in
/// the authors' program. There are no parameters, and the table is in no state dict.
/// </remarks>
public sealed class AlibiBias : nn.Module<Tensor, long, Tensor>, IPositionBias
{
    private readonly PositionTables tables;
    private readonly bool causal;

    /// <summary>Makes the biases of a number of heads.</summary>
    /// <param name="heads">H.</param>
    /// <param name="causal">
    /// Whether a causal mask hides the future anyway. Then one row serves all queries, [1, H, 1, S]: it differs from the
    /// distance by a constant in each query's row, which the softmax does not see. Not for attention with extra keys (a learned
    /// one, or zeros), whose scores have no such constant.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public AlibiBias(long heads, bool causal = false) : base(nameof(AlibiBias))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        var slopes = AlibiSlopes(checked((int)heads));
        Slopes = slopes;
        this.causal = causal;
        tables = new PositionTables(length => [Build(length, slopes)], dimension: -1);
        RegisterComponents();
    }

    /// <summary>The slope of each head, [H].</summary>
    public IReadOnlyList<double> Slopes { get; }

    /// <summary>The biases of queries that are aligned to the end of the keys.</summary>
    /// <param name="query">[B, T, D] or [B, H, T, E]; only T, the type and the device matter.</param>
    /// <param name="keyLength">S.</param>
    /// <returns>[1, H, T, S], or [1, H, 1, S] if causal: zero or negative, to be added to the scores.</returns>
    /// <exception cref="ArgumentException">The query has less than two dimensions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The key length is negative.</exception>
    public override Tensor forward(Tensor query, long keyLength)
    {
        var length = PositionChecks.QueryLength(query, keyLength);
        using var scope = NewDisposeScope();
        var (type, device) = (query.dtype, query.device);
        var rows = causal ? 1 : length;
        // [1, H, T+S-1]: the distances from 1-S to T-1
        var values = tables.View(Math.Max(rows, keyLength), type, device, (table, built) => table.narrow(-1, built - keyLength, Math.Max(rows + keyLength - 1, 0)));
        return Toeplitz.Spread(values, rows, keyLength).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Bias(Tensor query, long keyLength) => call(query, keyLength);

    /// <inheritdoc/>
    public Tensor BiasAt(Tensor query, Tensor ids, long keyLength)
    {
        if (causal)
            return call(query, keyLength);
        PositionChecks.Ids(ids, PositionChecks.QueryLength(query, keyLength), query);
        using var scope = NewDisposeScope();
        var (type, device) = (query.dtype, query.device);
        var distances = arange(keyLength, ScalarType.Int64, device).sub(ids.unsqueeze(-1)).abs();    // [B, T, S] or [T, S]
        var slopes = tensor([.. Slopes], ScalarType.Float64, CPU).neg().to(type).to(device).view(-1, 1, 1);
        var rows = distances.unsqueeze(-3).to(type).mul(slopes);                                     // [B, H, T, S] or [H, T, S]
        return (rows.ndim == 3 ? rows.unsqueeze(0) : rows).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            tables.Dispose();
        base.Dispose(disposing);
    }

    // [1, H, 2L-1]: minus slope times distance, for the distances from 1-L to L-1
    private static Tensor Build(long length, double[] slopes) =>
        tensor(slopes, ScalarType.Float64, CPU).neg().outer(arange(1 - length, length, ScalarType.Float64, CPU).abs()).unsqueeze(0);

    private static double[] AlibiSlopes(int heads)
    {
        static IEnumerable<double> Geometric(int count) => Enumerable.Range(1, count).Select(i => Math.Pow(2, -8.0 * i / count));
        var power = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)heads + 1) / 2;  // The greatest that is not above H.
        return [.. Geometric(power), .. Geometric(2 * power).Where((_, i) => i % 2 == 0).Take(heads - power)];
    }
}
