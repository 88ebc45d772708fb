using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Randomness;

/// <summary>Dropout (Srivastava et al. 2014, section 4): each element becomes 0 with probability p, else it is divided by 1 − p.</summary>
/// <remarks>
/// On the CPU, libtorch draws a number of 64 bits for each element, one after the other, unless it was built with MKL: that
/// takes more than ten nanoseconds an element, as long as a small product. Here torch's generator draws a seed only (see <see cref="RandomSeeds"/>), and
/// <see cref="RandomLanes"/> make 16 bits an element. So p is rounded to a multiple of 1/65536, and the factor is that of
/// the rounded p. Other devices have kernels of their own.
/// </remarks>
internal static class DropoutMask
{
    private const int Steps = 1 << 16;

    /// <summary>Drops elements; the gradient passes those that are left, by the same factor.</summary>
    /// <param name="x">Any shape, floating point.</param>
    /// <param name="share">p, from 0 to 1.</param>
    /// <returns>A new tensor of that shape.</returns>
    internal static Tensor Apply(Tensor x, double share)
    {
        var shape = x.shape;
        if (!FitsSpan(shape, sizeof(float)) || x.device_type != DeviceType.CPU) return nn.functional.dropout(x, share);
        using var scope = NewDisposeScope();
        var factors = empty(shape, float32, CPU);
        // In float64 the factor comes as a number, after zeros and ones: as float32 it would be rounded.
        var isDouble = x.dtype == ScalarType.Float64;
        FillFactors(MemoryMarshal.Cast<byte, float>(factors.bytes), share, isDouble ? 1 : (float)Factor(share), DrawLanes());
        var result = x.mul(factors.to(x.dtype));
        return (isDouble ? result.mul(Factor(share)) : result).MoveToOuterDisposeScope();
    }

    /// <summary>Which elements are left: bool, true for those; they are to be multiplied by <see cref="Factor"/>.</summary>
    internal static Tensor Spared(long[] shape, double share, Device device)
    {
        var spared = empty(shape, @bool, device);
        if (!FitsSpan(shape, sizeof(bool)) || device.type != DeviceType.CPU) return spared.bernoulli_(1 - Rounded(share));
        FillSpared(spared.bytes, Dropped(share), DrawLanes());
        return spared;
    }

    /// <summary>What is left is multiplied by this: 1 / (1 − p) of the rounded p; 0 where nothing is left.</summary>
    internal static double Factor(double share) => Dropped(share) == Steps ? 0 : 1 / (1 - Rounded(share));

    // How many of the 65536 numbers of 16 bits drop an element: all of them only if p is 1.
    private static int Dropped(double share) => share >= 1 ? Steps : Math.Min((int)Math.Round(share * Steps), Steps - 1);

    private static double Rounded(double share) => (double)Dropped(share) / Steps;

    private static bool FitsSpan(long[] shape, int size) => shape.Aggregate(1.0, (count, length) => count * length) * size <= int.MaxValue;

    private static RandomLanes DrawLanes() => new(RandomSeeds.Next());

    private static void FillFactors(Span<float> factors, double share, float left, RandomLanes lanes)
    {
        var (dropped, factor) = (Dropped(share), Vector256.Create(left));
        Span<float> both = stackalloc float[16];
        for (; factors.Length > 0; factors = factors[Math.Min(16, factors.Length)..])
        {
            var spared = Spared(ref lanes, dropped).AsInt16();
            var part = factors.Length < 16 ? both : factors;
            (Vector256.WidenLower(spared).AsSingle() & factor).CopyTo(part);
            (Vector256.WidenUpper(spared).AsSingle() & factor).CopyTo(part[8..]);
            if (factors.Length < 16) both[..factors.Length].CopyTo(factors);
        }
    }

    private static void FillSpared(Span<byte> bools, int dropped, RandomLanes lanes)
    {
        Span<byte> all = stackalloc byte[32];
        for (; bools.Length > 0; bools = bools[Math.Min(32, bools.Length)..])
        {
            var ones = Vector256.Narrow(Spared(ref lanes, dropped), Spared(ref lanes, dropped)) & Vector256<byte>.One;
            if (bools.Length >= 32)
            {
                ones.CopyTo(bools);
                continue;
            }

            ones.CopyTo(all);
            all[..bools.Length].CopyTo(bools);
        }
    }

    // All bits set for elements that are left.
    private static Vector256<ushort> Spared(ref RandomLanes lanes, int dropped) => dropped == Steps
        ? Vector256<ushort>.Zero
        : Vector256.GreaterThanOrEqual(lanes.Next().AsUInt16(), Vector256.Create((ushort)dropped));
}
