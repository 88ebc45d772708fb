using System.Runtime.CompilerServices;
using ContextAware.Loops;
using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>
/// Some rows of a matrix, [rows, columns], in blocks of <see cref="Block"/> columns one after the other: within a block a row lies
/// <see cref="Stride"/> numbers after the one before, a constant that products have in their instructions.
/// </summary>
internal readonly unsafe struct TileRows(float* start, int capacity)
{
    /// <summary>Columns of a block: a multiple of the rows and of the panel of a product.</summary>
    internal const int Block = 96;

    /// <summary>Seven lines of cache: an odd number, so that the lines of a column don't compete for the same places.</summary>
    internal const int Stride = Block + 16;

    private readonly float* start = start;
    private readonly int capacity = capacity;

    /// <summary>How many numbers so many rows and columns take.</summary>
    internal static long Size(int rows, int columns) => (long)Blocks(columns) * rows * Stride;

    /// <summary>How many blocks so many columns take.</summary>
    internal static int Blocks(int columns) => (columns + Block - 1) / Block;

    /// <summary>Where a row begins in the block of that number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* At(int row, int block) => start + (((long)block * capacity) + row) * Stride;

    /// <summary>Where a column begins: the first row's element of it.</summary>
    internal float* Column(int column) => At(0, column / Block) + (column % Block);

    /// <summary>Zeros in a row, up to the end of a panel.</summary>
    internal void Clear(int row, int columns)
    {
        for (var block = 0; block * Block < columns; block++)
            new Span<float>(At(row, block), Padded.Up(Math.Min(Block, columns - (block * Block)), TileProduct.Panel)).Clear();
    }

    /// <summary>Takes rows in, multiplied; zeros in the rows from <paramref name="count"/> to <paramref name="padded"/>.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="padded">How many with those of zeros.</param>
    /// <param name="columns">How long they are; zeros follow up to the end of a panel.</param>
    /// <param name="factor">What to multiply with.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Fill(float* from, long stride, int count, int padded, int columns, float factor)
    {
        for (var block = 0; block * Block < columns; block++)
        {
            var length = Math.Min(Block, columns - (block * Block));
            var filled = Padded.Up(length, TileProduct.Panel);
            for (var row = 0; row < padded; row++)
            {
                var to = new Span<float>(At(row, block), filled);
                if (row < count)
                {
                    Vectors.Scale(from + (row * stride) + (block * Block), factor, At(row, block), length);
                    to[length..].Clear();
                }
                else
                {
                    to.Clear();
                }
            }
        }
    }
}
