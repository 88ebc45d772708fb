using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ContextAware.Products;

/// <summary>Six rows with their numbers of one column side by side: what <see cref="TileProduct"/> reads as its left side, one after the other.</summary>
internal readonly struct BySix : IReading
{
    public static int Row => 1;

    public static int Step => TileProduct.Rows;

    public static int RightRow(int panel) => panel;
}

/// <summary>The left side of products, in panels of six rows.</summary>
internal static unsafe class RowPanels
{
    /// <summary>[rows, count] as [rows / 6, count, 6]; zeros fill the last panel up.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="count">How long they are.</param>
    /// <param name="to">Where to put them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Fill(float* from, long stride, int rows, int count, float* to)
    {
        for (var row = 0; row < rows; row += TileProduct.Rows, from += TileProduct.Rows * stride, to += TileProduct.Rows * count)
        {
            var present = Math.Min(rows - row, TileProduct.Rows);
            var column = 0;
            for (; present == TileProduct.Rows && column <= count - 4; column += 4)
                Four(from + column, stride, to + (column * TileProduct.Rows));
            for (; column < count; column++)
            {
                for (var i = 0; i < TileProduct.Rows; i++)
                    to[(column * TileProduct.Rows) + i] = i < present ? from[(i * stride) + column] : 0;
            }
        }
    }

    /// <summary>Six rows of four: the first four rows and the last two are turned by themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(float* from, long stride, float* to)
    {
        var (r0, r1) = (Vector128.Load(from), Vector128.Load(from + stride));
        var (r2, r3) = (Vector128.Load(from + (2 * stride)), Vector128.Load(from + (3 * stride)));
        var (r4, r5) = (Vector128.Load(from + (4 * stride)), Vector128.Load(from + (5 * stride)));
        var (low01, high01) = (Sse.UnpackLow(r0, r1).AsDouble(), Sse.UnpackHigh(r0, r1).AsDouble());
        var (low23, high23) = (Sse.UnpackLow(r2, r3).AsDouble(), Sse.UnpackHigh(r2, r3).AsDouble());
        var (low45, high45) = (Sse.UnpackLow(r4, r5), Sse.UnpackHigh(r4, r5));
        Sse2.UnpackLow(low01, low23).AsSingle().Store(to);
        Sse.StoreLow(to + 4, low45);
        Sse2.UnpackHigh(low01, low23).AsSingle().Store(to + 6);
        Sse.StoreHigh(to + 10, low45);
        Sse2.UnpackLow(high01, high23).AsSingle().Store(to + 12);
        Sse.StoreLow(to + 16, high45);
        Sse2.UnpackHigh(high01, high23).AsSingle().Store(to + 18);
        Sse.StoreHigh(to + 22, high45);
    }
}
