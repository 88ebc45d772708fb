using System.Runtime.CompilerServices;
using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>The three products of attention, of whole tiles.</summary>
internal static unsafe class TileProducts
{
    /// <summary>result [rows, length] = left [rows, width]·right [length, width]ᵀ.</summary>
    /// <param name="left">The queries, say, in panels' multiples of columns.</param>
    /// <param name="right">The keys, say, as <see cref="TilePanels.Rows"/> makes them.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="width">How long the sums are.</param>
    /// <param name="length">How many columns.</param>
    /// <param name="result">What is in columns beyond, up to a whole panel, means nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Scores(in TileRows left, float* right, int rows, int width, int length, in TileRows result)
    {
        var panel = TileProduct.Panel;
        for (var column = 0; column < length; column += panel, right += width * panel)
        {
            for (var row = 0; row < rows; row += TileProduct.Rows)
            {
                var target = result.At(row, column / TileRows.Block) + (column % TileRows.Block);
                for (var start = 0; start < width; start += TileRows.Block)
                {
                    TileProduct.Run<ByRow>(
                        left.At(row, start / TileRows.Block), right + (start * panel), Math.Min(TileRows.Block, width - start),
                        target, TileRows.Stride, start > 0);
                }
            }
        }
    }

    /// <summary>result [rows, width] = left [rows, length]·right [length, width].</summary>
    /// <param name="left">The weights, say.</param>
    /// <param name="right">The values, say, as <see cref="TilePanels.Columns"/> makes them.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="length">How long the sums are.</param>
    /// <param name="width">How many columns.</param>
    /// <param name="result">Whole panels wide.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Sums(in TileRows left, float* right, int rows, int length, int width, float* result)
    {
        var panel = TileProduct.Panel;
        var stride = Padded.Up(width, panel);
        for (var start = 0; start < length; start += TileRows.Block)
        {
            var count = Math.Min(TileRows.Block, length - start);
            for (var column = 0; column < width; column += panel)
            {
                for (var row = 0; row < rows; row += TileProduct.Rows)
                {
                    TileProduct.Run<ByRow>(
                        left.At(row, start / TileRows.Block), right + ((long)column * length) + (start * panel), count,
                        result + (row * stride) + column, stride, start > 0);
                }
            }
        }
    }

    /// <summary>result [length, width] += left [rows, length]ᵀ·right [rows, width].</summary>
    /// <param name="left">The weights, say.</param>
    /// <param name="right">The gradients of the output, say, whole panels wide.</param>
    /// <param name="rows">How long the sums are.</param>
    /// <param name="length">How many rows the result has.</param>
    /// <param name="width">How many columns.</param>
    /// <param name="result">Whole panels wide, with rows up to a multiple of <see cref="TileRows.Block"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddOuter(in TileRows left, in TileRows right, int rows, int length, int width, float* result)
    {
        var panel = TileProduct.Panel;
        var stride = Padded.Up(width, panel);
        for (var row = 0; row < length; row += TileProduct.Rows)
        {
            for (var column = 0; column < width; column += panel)
            {
                TileProduct.Run<ByColumn>(
                    left.Column(row), right.Column(column), rows,
                    result + ((long)row * stride) + column, stride, add: true);
            }
        }
    }
}
