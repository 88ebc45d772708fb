using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ContextAware.Loops;
using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>What turns one row of scores into weights: e^(score − Largest)·Inverse. An empty row has the inverse 0.</summary>
internal readonly record struct RowStatistics(float Largest, float Inverse);

/// <summary>What a row of scores gets besides the product; each is null or lies side by side.</summary>
internal readonly unsafe struct RowExtras(float* bias, byte* hidden, byte* spared, float sparedFactor)
{
    /// <summary>Added.</summary>
    internal readonly float* Bias = bias;

    /// <summary>Bools: true hides.</summary>
    internal readonly byte* Hidden = hidden;

    /// <summary>Bools: true is left by dropout.</summary>
    internal readonly byte* Spared = spared;

    /// <summary>What dropout multiplies with what it leaves.</summary>
    internal readonly float SparedFactor = sparedFactor;
}

/// <summary>From scores to weights and from the gradients of weights to those of scores, a row of a tile at a time.</summary>
internal static unsafe class TileSoftmax
{
    /// <summary>Scores become e^(score − largest).</summary>
    /// <param name="scores">The tile.</param>
    /// <param name="row">The row.</param>
    /// <param name="keys">How many scores it has.</param>
    /// <param name="extras">Bias and what is hidden.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static RowStatistics Exponentials(in TileRows scores, int row, int keys, in RowExtras extras)
    {
        Complete(scores, row, keys, extras);
        var largest = Largest(scores, row, keys);
        if (float.IsNegativeInfinity(largest))
        {
            if (!ShowsAny(keys, extras))
                return Empty(scores, row, keys);
            largest = float.NaN;                        // ∞ − ∞
        }
        var largests = Vector256.Create(largest);
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (var block = 0; block * TileRows.Block < keys; block++)
        {
            var x = scores.At(row, block);
            var end = x + Length(block, keys);
            for (; x < end - 8; x += 16)
            {
                var (first, second) = (Vectors.Exp(Vector256.Load(x) - largests), Vectors.Exp(Vector256.Load(x + 8) - largests));
                first.Store(x);
                second.Store(x + 8);
                even += first;
                odd += second;
            }
            if (x < end)
            {
                var last = Vectors.Exp(Vector256.Load(x) - largests);
                last.Store(x);
                even += last;
            }
        }
        return new(largest, 1 / Vector256.Sum(even + odd));
    }

    /// <summary>Scores become the weights after dropout; the gradients of these become the gradients of the scores.</summary>
    /// <param name="scores">The tile of scores.</param>
    /// <param name="slopes">The tile of the gradients of the weights after dropout.</param>
    /// <param name="row">The row.</param>
    /// <param name="keys">How many scores it has.</param>
    /// <param name="extras">As in the forward pass.</param>
    /// <param name="statistics">What the forward pass found.</param>
    /// <param name="share">Σ weight · its gradient, which all scores of the row share.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Differentiate(in TileRows scores, in TileRows slopes, int row, int keys, in RowExtras extras, RowStatistics statistics, float share)
    {
        Complete(scores, row, keys, extras);
        if (extras.Spared is not null)
            Drop(slopes, row, keys, extras);
        var (largests, inverses, shares) = (Vector256.Create(statistics.Largest), Vector256.Create(statistics.Inverse), Vector256.Create(share));
        for (var block = 0; block * TileRows.Block < keys; block++)
        {
            var x = scores.At(row, block);
            var end = x + Length(block, keys);
            for (var slope = slopes.At(row, block); x < end; x += 8, slope += 8)
            {
                var weight = Vectors.Exp(Vector256.Load(x) - largests) * inverses;
                weight.Store(x);
                (weight * (Vector256.Load(slope) - shares)).Store(slope);
            }
        }
        if (extras.Spared is not null)
            Drop(scores, row, keys, extras);
    }

    /// <summary>Dropout: zeros, and a factor for what is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Drop(in TileRows weights, int row, int keys, in RowExtras extras)
    {
        var factors = Vector256.Create(extras.SparedFactor);
        for (var block = 0; block * TileRows.Block < keys; block++)
        {
            var x = weights.At(row, block);
            var spared = extras.Spared + (block * TileRows.Block);
            var length = Math.Min(TileRows.Block, keys - (block * TileRows.Block));
            var i = 0;
            for (; i <= length - 8; i += 8)
                (Vector256.Load(x + i) * (factors & Marked(spared + i))).Store(x + i);
            for (; i < length; i++)
                x[i] *= spared[i] != 0 ? extras.SparedFactor : 0;
        }
    }

    /// <summary>Bias and −∞ for what is hidden, and for what fills the last vector up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Complete(in TileRows scores, int row, int keys, in RowExtras extras)
    {
        for (var block = 0; block * TileRows.Block < keys; block++)
        {
            var x = scores.At(row, block);
            var length = Math.Min(TileRows.Block, keys - (block * TileRows.Block));
            if (extras.Bias is not null)
                Vectors.AddScaled(extras.Bias + (block * TileRows.Block), 1, x, length);
            if (extras.Hidden is not null)
                Hide(x, extras.Hidden + (block * TileRows.Block), length);
            for (var i = length; i < Padded.Up(length, 8); i++)
                x[i] = float.NegativeInfinity;
        }
    }

    private static void Hide(float* x, byte* hidden, int count)
    {
        var hiddenScore = Vector256.Create(float.NegativeInfinity);
        var i = 0;
        for (; i <= count - 8; i += 8)
            Vector256.ConditionalSelect(Marked(hidden + i), hiddenScore, Vector256.Load(x + i)).Store(x + i);
        for (; i < count; i++)
        {
            if (hidden[i] != 0)
                x[i] = float.NegativeInfinity;
        }
    }

    /// <summary>All bits set where one of eight bools is true.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Marked(byte* bools)
    {
        var wide = Vector256.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)bools).AsByte()).ToVector256Unsafe());
        return Vector256.GreaterThan(wide, Vector256<uint>.Zero).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(in TileRows scores, int row, int keys)
    {
        var even = Vector256.Create(float.NegativeInfinity);
        var odd = even;
        for (var block = 0; block * TileRows.Block < keys; block++)
        {
            var x = scores.At(row, block);
            var end = x + Length(block, keys);
            for (; x < end - 8; x += 16)
            {
                even = Vector256.MaxNative(Vector256.Load(x), even);
                odd = Vector256.MaxNative(Vector256.Load(x + 8), odd);
            }
            if (x < end)
                even = Vector256.MaxNative(Vector256.Load(x), even);
        }
        even = Vector256.MaxNative(even, odd);
        var four = Vector128.MaxNative(even.GetLower(), even.GetUpper());
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(four[0], four[1]);
    }

    private static bool ShowsAny(int keys, in RowExtras extras)
    {
        for (var i = 0; i < keys; i++)
        {
            if ((extras.Hidden is null || extras.Hidden[i] == 0) && (extras.Bias is null || !float.IsNegativeInfinity(extras.Bias[i])))
                return true;
        }
        return false;
    }

    private static RowStatistics Empty(in TileRows scores, int row, int keys)
    {
        for (var block = 0; block * TileRows.Block < keys; block++)
        {
            var x = scores.At(row, block);
            var end = x + Length(block, keys);
            new Span<float>(x, (int)(end - x)).Clear();
        }
        return new(0, 0);
    }

    /// <summary>The numbers of a row in a block, up to a whole vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Length(int block, int keys) => Padded.Up(Math.Min(TileRows.Block, keys - (block * TileRows.Block)), 8);
}
