using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Loops;

/// <summary>Loops over numbers that lie side by side, and functions of whole vectors.</summary>
internal static unsafe class Vectors
{
    /// <summary>e to the power of this and of its negative are normal numbers of float32.</summary>
    private const float Largest = 87.3f;

    /// <summary>Whether this processor has what makes the loops over vectors fast.</summary>
    internal static bool AreFast => Fma.IsSupported && Avx2.IsSupported;

    /// <summary>Whether loops can work on a tensor: float32, on the CPU.</summary>
    internal static bool Serve(Tensor tensor) => AreFast && tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU;

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

    /// <summary>e^x for x ≤ 0, within two units in the last place; 0 below −87.3, where float32 has only denormal numbers; NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Exp(Vector256<float> x)
    {
        var least = Vector256.Create(-Largest);
        return Vector256.AndNot(ExpBetween(Vector256.MaxNative(least, x)), Vector256.LessThan(x, least));       // the second where one is NaN
    }

    /// <summary>σ(x) = 1 / (1 + e^−x); NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Sigmoid(Vector256<float> x)
    {
        var bounded = Vector256.MinNative(Vector256.Create(Largest), Vector256.MaxNative(Vector256.Create(-Largest), -x));
        return Vector256<float>.One / (Vector256<float>.One + ExpBetween(bounded));
    }

    /// <summary>
    /// 2^n·e^r with n = round(x / ln 2), and a polynomial for e^r (the coefficients of Cephes' expf, Moshier 1992), for x from
    /// −87.3 to 87.3 or NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ExpBetween(Vector256<float> x)
    {
        var n = Vector256.Round(x * 1.44269504f);
        // ln 2 in two parts, of which the first has so few bits that its products are exact.
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.FusedMultiplyAdd(Vector256.Create(1.9875691500e-4f), r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.FusedMultiplyAdd(p, r * r, r) + Vector256<float>.One;
        return (p.AsInt32() + (Vector256.ConvertToInt32Native(n) << 23)).AsSingle();
    }
}
