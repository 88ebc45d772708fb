using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ContextAware.Loops;

namespace ContextAware.Products;

/// <summary>result [rows, outputs] = f(input [rows, inputs]·weights [outputs, inputs]ᵀ + bias), the weights in panels of outputs.</summary>
/// <remarks>
/// A slice of a panel of weights stays in the first cache while many rows go by, in panels of six, from the second one (Goto and van
/// de Geijn 2008, Anatomy of high-performance matrix multiplication, section 4.2). Weights come from memory once for all these
/// rows, and sums go there once, when they are finished.
/// </remarks>
internal sealed unsafe class PanelProduct
{
    private const int LineBytes = 64;

    /// <summary>Bytes of weights in the first cache.</summary>
    private const int SliceBytes = 32 << 10;

    internal required long Rows { get; init; }

    internal required int Inputs { get; init; }

    internal required int Outputs { get; init; }

    /// <summary>[rows, inputs].</summary>
    internal required float* Input { get; init; }

    /// <summary>[outputs / panel, inputs, panel].</summary>
    internal required float* Weights { get; init; }

    /// <summary>[outputs], or null.</summary>
    internal required float* Bias { get; init; }

    /// <summary>Whether f is max(0, ·); otherwise it changes nothing.</summary>
    internal required bool Relu { get; init; }

    /// <summary>[rows, outputs].</summary>
    internal required float* Result { get; init; }

    /// <summary>Summands at once.</summary>
    private static int Slice => SliceBytes / sizeof(float) / TileProduct.Panel;

    /// <summary>Some outputs of some rows.</summary>
    /// <param name="left">The rows in panels of six, [rows / 6, inputs, 6].</param>
    /// <param name="first">The number of the first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="begin">The first output, that of a panel.</param>
    /// <param name="end">The one after the last.</param>
    /// <param name="sums">Room for [rows rounded up to six, panel].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Run(float* left, long first, int rows, int begin, int end, float* sums)
    {
        var panel = TileProduct.Panel;
        for (var output = begin; output < end; output += panel)
        {
            for (var start = 0; start < Inputs; start += Slice)
            {
                var count = Math.Min(Slice, Inputs - start);
                var right = Weights + ((long)output * Inputs) + (start * panel);
                var next = (byte*)(right + (count * panel));
                var share = (((count * panel * sizeof(float) / LineBytes * TileProduct.Rows) + rows - 1) / rows) * LineBytes;
                for (var row = 0; row < rows; row += TileProduct.Rows, next += share)
                {
                    Ask(next, share);
                    TileProduct.Run<BySix>(
                        left + ((long)row * Inputs) + (start * TileProduct.Rows), right, count, sums + (row * panel), panel, start > 0);
                    if (start + count == Inputs)
                        Finish(sums + (row * panel), first + row, Math.Min(TileProduct.Rows, rows - row), output);
                }
            }
        }
    }

    /// <summary>What comes next is on its way while six rows are worked on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(byte* next, int bytes)
    {
        for (var end = next + bytes; next < end; next += LineBytes)
            Sse.Prefetch1(next);
    }

    /// <summary>Adds the bias, applies f and puts a panel of results where they belong.</summary>
    private void Finish(float* sums, long first, int rows, int output)
    {
        var (panel, width) = (TileProduct.Panel, Math.Min(TileProduct.Panel, Outputs - output));
        var result = Result + (first * Outputs) + output;
        var bias = Bias == null ? null : Bias + output;
        for (var row = 0; row < rows; row++, sums += panel, result += Outputs)
        {
            var i = 0;
            for (; i <= width - 8; i += 8)
            {
                var sum = Vector256.Load(sums + i);
                sum = bias == null ? sum : sum + Vector256.Load(bias + i);
                sum = Relu ? Avx.Max(Vector256<float>.Zero, sum) : sum;        // in this order NaN stays
                sum.Store(result + i);
            }
            for (; i < width; i++)
            {
                var sum = bias == null ? sums[i] : sums[i] + bias[i];
                result[i] = Relu && sum < 0 ? 0 : sum;
            }
        }
    }
}
