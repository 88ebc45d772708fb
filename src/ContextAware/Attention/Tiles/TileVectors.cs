using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ContextAware.Attention.Tiles;

/// <summary>Loops over numbers that lie side by side, and the exponential function.</summary>
internal static unsafe class TileVectors
{
    /// <summary>to = factor·from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Scale(float* from, float factor, float* to, int count)
    {
        var factors = Vector256.Create(factor);
        var i = 0;
        for (; i <= count - 8; i += 8)
            (Vector256.Load(from + i) * factors).Store(to + i);
        for (; i < count; i++)
            to[i] = from[i] * factor;
    }

    /// <summary>to += factor·from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddScaled(float* from, float factor, float* to, int count)
    {
        var factors = Vector256.Create(factor);
        var i = 0;
        for (; i <= count - 8; i += 8)
            Vector256.FusedMultiplyAdd(Vector256.Load(from + i), factors, Vector256.Load(to + i)).Store(to + i);
        for (; i < count; i++)
            to[i] += from[i] * factor;
    }

    /// <summary>The sum of products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Dot(float* left, float* right, int count)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i <= count - 8; i += 8)
            sums = Vector256.FusedMultiplyAdd(Vector256.Load(left + i), Vector256.Load(right + i), sums);
        var sum = Vector256.Sum(sums);
        for (; i < count; i++)
            sum += left[i] * right[i];
        return sum;
    }

    /// <summary>
    /// e^x for x ≤ 0, within two units in the last place; 0 below −87.3, where float32 has only denormal numbers; NaN stays.
    /// 2^n·e^r with n = round(x / ln 2), and a polynomial for e^r (the coefficients of Cephes' expf, Moshier 1992).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Exp(Vector256<float> x)
    {
        var least = Vector256.Create(-87.3f);
        var bounded = Vector256.MaxNative(least, x);               // the second where one is NaN
        var n = Vector256.Round(bounded * 1.44269504f);
        // ln 2 in two parts, of which the first has so few bits that its products are exact.
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), bounded);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.FusedMultiplyAdd(Vector256.Create(1.9875691500e-4f), r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.FusedMultiplyAdd(p, r * r, r) + Vector256<float>.One;
        var power = (p.AsInt32() + (Vector256.ConvertToInt32Native(n) << 23)).AsSingle();
        return Vector256.AndNot(power, Vector256.LessThan(x, least));
    }
}
