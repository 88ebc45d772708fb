using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>The right side of products, in panels: what a product reads lies one after the other.</summary>
internal static unsafe class TilePanels
{
    /// <summary>How many numbers the panels of a matrix take, whichever of its sizes is cut into panels.</summary>
    internal static long Size(int length, int width, int panel) => (long)Padded.Up(length, panel) * Padded.Up(width, panel);

    /// <summary>[length, width] as [width / panel, length, panel]; zeros fill the last panel up.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="length">How many rows.</param>
    /// <param name="width">How long they are.</param>
    /// <param name="panel">The width of a panel.</param>
    /// <param name="to">Where to put them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Columns(float* from, long stride, int length, int width, int panel, float* to)
    {
        var whole = width - (width % panel);
        for (var row = 0; row < length; row++, from += stride, to += panel)
        {
            var target = to;
            for (var column = 0; column < whole; column += panel, target += (long)panel * length)
            {
                for (var part = 0; part < panel; part += 8)
                    Vector256.Load(from + column + part).Store(target + part);
            }
            if (whole < width)
            {
                new Span<float>(from + whole, width - whole).CopyTo(new(target, panel));
                new Span<float>(target + width - whole, panel - (width - whole)).Clear();
            }
        }
    }

    /// <summary>[length, width] as [length / panel, width, panel], transposed within each; zeros fill the last panel up.</summary>
    /// <inheritdoc cref="Columns"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Rows(float* from, long stride, int length, int width, int panel, float* to)
    {
        for (var row = 0; row < length; row += panel, to += width * panel)
        {
            for (var part = 0; part < panel; part += 8)
            {
                var count = Math.Clamp(length - row - part, 0, 8);
                var column = 0;
                for (; count == 8 && column <= width - 8; column += 8)
                    Transpose(from + ((row + part) * stride) + column, stride, to + (column * panel) + part, panel);
                for (; column < width; column++)
                {
                    var target = to + (column * panel) + part;
                    for (var i = 0; i < 8; i++)
                        target[i] = i < count ? from[((row + part + i) * stride) + column] : 0;
                }
            }
        }
    }

    /// <summary>Eight rows of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float* from, long stride, float* to, int toStride)
    {
        // Rows i and i + 4 share a vector, so that all other exchanges are within its halves.
        var (r0, r1) = (Both(from, stride), Both(from + stride, stride));
        var (r2, r3) = (Both(from + (2 * stride), stride), Both(from + (3 * stride), stride));
        Four(r0, r1, r2, r3, to, toStride);
        (r0, r1) = (Both(from + 4, stride), Both(from + stride + 4, stride));
        (r2, r3) = (Both(from + (2 * stride) + 4, stride), Both(from + (3 * stride) + 4, stride));
        Four(r0, r1, r2, r3, to + (4 * toStride), toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Both(float* from, long stride) => Vector256.Create(Vector128.Load(from), Vector128.Load(from + (4 * stride)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* to, int stride)
    {
        var (low01, high01) = (Avx.UnpackLow(r0, r1).AsDouble(), Avx.UnpackHigh(r0, r1).AsDouble());
        var (low23, high23) = (Avx.UnpackLow(r2, r3).AsDouble(), Avx.UnpackHigh(r2, r3).AsDouble());
        Avx.UnpackLow(low01, low23).AsSingle().Store(to);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(to + stride);
        Avx.UnpackLow(high01, high23).AsSingle().Store(to + (2 * stride));
        Avx.UnpackHigh(high01, high23).AsSingle().Store(to + (3 * stride));
    }
}
