using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ContextAware.Products;

/// <summary>Which way the sides of a product are read: constants, which stand in the instructions of the loop.</summary>
internal interface IReading
{
    /// <summary>Numbers from one row of the left side, and so of the result, to the next.</summary>
    static abstract int Row { get; }

    /// <summary>Numbers from one summand of a row of the left side to the next.</summary>
    static abstract int Step { get; }

    /// <summary>Numbers from one row of the right side to the next, given the width of a panel.</summary>
    static abstract int RightRow(int panel);
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
    /// <param name="right">[count, panel], read as <typeparamref name="TReading"/> says.</param>
    /// <param name="count">How many summands.</param>
    /// <param name="result">Where the first row goes.</param>
    /// <param name="resultStride">From one of its rows to the next.</param>
    /// <param name="add">Whether to add.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Run<TReading>(float* left, float* right, int count, float* result, int resultStride, bool add)
        where TReading : struct, IReading
    {
        if (Vector512.IsHardwareAccelerated)
            Run<TReading, Lanes512, Vector512<float>>(left, right, count, result, resultStride, add);
        else
            Run<TReading, Lanes256, Vector256<float>>(left, right, count, result, resultStride, add);
    }

    /// <summary>The same with vectors of one length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TReading, TLanes, T>(float* left, float* right, int count, float* result, int resultStride, bool add)
        where TReading : struct, IReading
        where TLanes : struct, ILanes<T>
        where T : unmanaged
    {
        T a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1;
        a0 = a1 = b0 = b1 = c0 = c1 = d0 = d1 = e0 = e1 = f0 = f1 = default;
        // Four summands at once, with as few instructions as can be: where two programs share a core, each counts.
        for (; count >= 4; count -= 4, left += 4 * TReading.Step, right += 4 * TReading.RightRow(2 * TLanes.Count))
        {
            Step<TReading, TLanes, T>(0, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
            Step<TReading, TLanes, T>(1, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
            Step<TReading, TLanes, T>(2, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
            Step<TReading, TLanes, T>(3, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
        }
        for (; count > 0; count--, left += TReading.Step, right += TReading.RightRow(2 * TLanes.Count))
            Step<TReading, TLanes, T>(0, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
        Put<TLanes, T>(a0, a1, result, add);
        Put<TLanes, T>(b0, b1, result += resultStride, add);
        Put<TLanes, T>(c0, c1, result += resultStride, add);
        Put<TLanes, T>(d0, d1, result += resultStride, add);
        Put<TLanes, T>(e0, e1, result += resultStride, add);
        Put<TLanes, T>(f0, f1, result + resultStride, add);
    }

    /// <summary>One summand of each sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TReading, TLanes, T>(
        int step, float* left, float* right,
        ref T a0, ref T a1, ref T b0, ref T b1, ref T c0, ref T c1, ref T d0, ref T d1, ref T e0, ref T e1, ref T f0, ref T f1)
        where TReading : struct, IReading
        where TLanes : struct, ILanes<T>
        where T : unmanaged
    {
        var r0 = TLanes.Load(right + (step * TReading.RightRow(2 * TLanes.Count)));
        var r1 = TLanes.Load(right + (step * TReading.RightRow(2 * TLanes.Count)) + TLanes.Count);
        var x = TLanes.All(left[step * TReading.Step]);
        a0 = TLanes.MultiplyAdd(x, r0, a0);
        a1 = TLanes.MultiplyAdd(x, r1, a1);
        x = TLanes.All(left[(step * TReading.Step) + TReading.Row]);
        b0 = TLanes.MultiplyAdd(x, r0, b0);
        b1 = TLanes.MultiplyAdd(x, r1, b1);
        x = TLanes.All(left[(step * TReading.Step) + (2 * TReading.Row)]);
        c0 = TLanes.MultiplyAdd(x, r0, c0);
        c1 = TLanes.MultiplyAdd(x, r1, c1);
        x = TLanes.All(left[(step * TReading.Step) + (3 * TReading.Row)]);
        d0 = TLanes.MultiplyAdd(x, r0, d0);
        d1 = TLanes.MultiplyAdd(x, r1, d1);
        x = TLanes.All(left[(step * TReading.Step) + (4 * TReading.Row)]);
        e0 = TLanes.MultiplyAdd(x, r0, e0);
        e1 = TLanes.MultiplyAdd(x, r1, e1);
        x = TLanes.All(left[(step * TReading.Step) + (5 * TReading.Row)]);
        f0 = TLanes.MultiplyAdd(x, r0, f0);
        f1 = TLanes.MultiplyAdd(x, r1, f1);
    }

    // What is there is added at the end and not at the start, so that a long sum is one of short sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, T>(T first, T second, float* to, bool add)
        where TLanes : struct, ILanes<T>
        where T : unmanaged
    {
        TLanes.Store(add ? TLanes.Add(TLanes.Load(to), first) : first, to);
        TLanes.Store(add ? TLanes.Add(TLanes.Load(to + TLanes.Count), second) : second, to + TLanes.Count);
    }
}
