using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ContextAware.Attention.Tiles;

/// <summary>Which way the left side of a product is read from a <see cref="TileRows"/>.</summary>
internal interface IReading
{
    /// <summary>Numbers from one row of the result to the next.</summary>
    static abstract int Row { get; }

    /// <summary>Numbers from one summand to the next.</summary>
    static abstract int Step { get; }
}

/// <summary>As it stands: sums run along its rows.</summary>
internal readonly struct ByRow : IReading
{
    public static int Row => TileRows.Stride;

    public static int Step => 1;
}

/// <summary>Transposed: sums run along its columns.</summary>
internal readonly struct ByColumn : IReading
{
    public static int Row => 1;

    public static int Step => TileRows.Stride;
}

/// <summary>
/// The innermost product: six rows of the left side with a panel of the right side, which is two vectors wide. The sums
/// stay in registers (Goto and van de Geijn 2008, Anatomy of high-performance matrix multiplication, section 6).
/// </summary>
internal static unsafe class TileProduct
{
    /// <summary>Rows of a result at once: with two vectors each, they fill the sixteen registers that every x64 processor has.</summary>
    internal const int Rows = 6;

    /// <summary>Columns of a result at once.</summary>
    internal static int Panel => Vector512.IsHardwareAccelerated ? 32 : 16;

    /// <summary>result [6, panel] = left·right, or added to what is there.</summary>
    /// <param name="left">[6, count], read as <typeparamref name="TReading"/> says.</param>
    /// <param name="right">[count, panel].</param>
    /// <param name="rightStride">From one of its rows to the next.</param>
    /// <param name="count">How many summands.</param>
    /// <param name="result">Where the first row goes.</param>
    /// <param name="resultStride">From one of its rows to the next.</param>
    /// <param name="add">Whether to add.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Run<TReading>(float* left, float* right, int rightStride, int count, float* result, int resultStride, bool add)
        where TReading : struct, IReading
    {
        if (Vector512.IsHardwareAccelerated)
            Run<TReading, Lanes512>(left, right, rightStride, count, result, resultStride, add);
        else
            Run<TReading, Lanes256>(left, right, rightStride, count, result, resultStride, add);
    }

    /// <summary>The same with vectors of one length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TReading, T>(float* left, float* right, int rightStride, int count, float* result, int resultStride, bool add)
        where TReading : struct, IReading
        where T : unmanaged, ILanes<T>
    {
        T a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1;
        a0 = a1 = b0 = b1 = c0 = c1 = d0 = d1 = e0 = e1 = f0 = f1 = T.Zero;
        for (; count > 0; count--, left += TReading.Step, right += rightStride)
        {
            var (r0, r1) = (T.Load(right), T.Load(right + T.Count));
            var x = T.All(left[0]);
            (a0, a1) = (T.MultiplyAdd(x, r0, a0), T.MultiplyAdd(x, r1, a1));
            x = T.All(left[TReading.Row]);
            (b0, b1) = (T.MultiplyAdd(x, r0, b0), T.MultiplyAdd(x, r1, b1));
            x = T.All(left[2 * TReading.Row]);
            (c0, c1) = (T.MultiplyAdd(x, r0, c0), T.MultiplyAdd(x, r1, c1));
            x = T.All(left[3 * TReading.Row]);
            (d0, d1) = (T.MultiplyAdd(x, r0, d0), T.MultiplyAdd(x, r1, d1));
            x = T.All(left[4 * TReading.Row]);
            (e0, e1) = (T.MultiplyAdd(x, r0, e0), T.MultiplyAdd(x, r1, e1));
            x = T.All(left[5 * TReading.Row]);
            (f0, f1) = (T.MultiplyAdd(x, r0, f0), T.MultiplyAdd(x, r1, f1));
        }
        Put(a0, a1, result, add);
        Put(b0, b1, result += resultStride, add);
        Put(c0, c1, result += resultStride, add);
        Put(d0, d1, result += resultStride, add);
        Put(e0, e1, result += resultStride, add);
        Put(f0, f1, result + resultStride, add);
    }

    // What is there is added at the end and not at the start, so that a long sum is one of short sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(T first, T second, float* to, bool add)
        where T : unmanaged, ILanes<T>
    {
        (add ? T.Add(T.Load(to), first) : first).Store(to);
        (add ? T.Add(T.Load(to + T.Count), second) : second).Store(to + T.Count);
    }
}
