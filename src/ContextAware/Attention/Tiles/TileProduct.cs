using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ContextAware.Attention.Tiles;

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

/// <summary>A <see cref="TileRows"/> as it stands, and panels: sums run along its rows.</summary>
internal readonly struct ByRow : IReading
{
    public static int Row => TileRows.Stride;

    public static int Step => 1;

    public static int RightRow(int panel) => panel;
}

/// <summary>Two <see cref="TileRows"/>, the left one transposed: sums run along its columns.</summary>
internal readonly struct ByColumn : IReading
{
    public static int Row => 1;

    public static int Step => TileRows.Stride;

    public static int RightRow(int panel) => TileRows.Stride;
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
            Run<TReading, Lanes512>(left, right, count, result, resultStride, add);
        else
            Run<TReading, Lanes256>(left, right, count, result, resultStride, add);
    }

    /// <summary>The same with vectors of one length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TReading, T>(float* left, float* right, int count, float* result, int resultStride, bool add)
        where TReading : struct, IReading
        where T : unmanaged, ILanes<T>
    {
        T a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1;
        a0 = a1 = b0 = b1 = c0 = c1 = d0 = d1 = e0 = e1 = f0 = f1 = T.Zero;
        // Four summands at once, with as few instructions as can be: where two programs share a core, each counts.
        for (; count >= 4; count -= 4, left += 4 * TReading.Step, right += 4 * TReading.RightRow(2 * T.Count))
        {
            Step<TReading, T>(0, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
            Step<TReading, T>(1, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
            Step<TReading, T>(2, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
            Step<TReading, T>(3, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
        }
        for (; count > 0; count--, left += TReading.Step, right += TReading.RightRow(2 * T.Count))
            Step<TReading, T>(0, left, right, ref a0, ref a1, ref b0, ref b1, ref c0, ref c1, ref d0, ref d1, ref e0, ref e1, ref f0, ref f1);
        Put(a0, a1, result, add);
        Put(b0, b1, result += resultStride, add);
        Put(c0, c1, result += resultStride, add);
        Put(d0, d1, result += resultStride, add);
        Put(e0, e1, result += resultStride, add);
        Put(f0, f1, result + resultStride, add);
    }

    /// <summary>One summand of each sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TReading, T>(
        int step, float* left, float* right,
        ref T a0, ref T a1, ref T b0, ref T b1, ref T c0, ref T c1, ref T d0, ref T d1, ref T e0, ref T e1, ref T f0, ref T f1)
        where TReading : struct, IReading
        where T : unmanaged, ILanes<T>
    {
        left += step * TReading.Step;
        right += step * TReading.RightRow(2 * T.Count);
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

    // What is there is added at the end and not at the start, so that a long sum is one of short sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(T first, T second, float* to, bool add)
        where T : unmanaged, ILanes<T>
    {
        (add ? T.Add(T.Load(to), first) : first).Store(to);
        (add ? T.Add(T.Load(to + T.Count), second) : second).Store(to + T.Count);
    }
}
