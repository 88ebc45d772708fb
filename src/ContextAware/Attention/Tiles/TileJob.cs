using ContextAware.Loops;
using ContextAware.Products;
using static TorchSharp.torch;

namespace ContextAware.Attention.Tiles;

/// <summary>Work for all processors: some batches, some groups of heads and some queries are one item of it.</summary>
internal abstract unsafe class TileJob
{
    /// <summary>Bytes of scores of a tile: what the second cache of a processor holds beside keys.</summary>
    private const int TileBytes = 192 << 10;

    /// <summary>Fewer rows use each panel of keys too seldom.</summary>
    private const int FewestRows = 24;

    private const int MostRows = 96;

    /// <summary>Items for each thread: enough that none waits long for another.</summary>
    private const int ItemsPerThread = 4;

    private readonly int groupsAtOnce;
    private readonly int rowsAtOnce;

    /// <param name="call">What to compute.</param>
    /// <param name="allGroups">Whether an item takes all heads, because they add to the same place.</param>
    private protected TileJob(TileCall call, bool allGroups)
    {
        Call = call;
        var sizes = call.Sizes;
        groupsAtOnce = allGroups ? sizes.Groups : 1;
        TileHeight = Rows(sizes.Queries, sizes.Keys);
        var others = sizes.Batch * (sizes.Groups / groupsAtOnce);
        var cuts = Math.Clamp(Padded.Up(Threads * ItemsPerThread, others) / others, 1, Math.Max(1, sizes.Queries / MostRows));
        rowsAtOnce = Math.Max(Padded.Up((sizes.Queries + cuts - 1) / cuts, TileHeight), 1);
    }

    /// <summary>Rows of a tile, a multiple of the rows of a product.</summary>
    internal int TileHeight { get; }

    private protected TileCall Call { get; }

    private static int Threads => get_num_threads();

    /// <summary>How many numbers a thread needs to work with.</summary>
    private protected abstract long BufferSize { get; }

    /// <summary>Rows of a tile for so many queries and keys.</summary>
    internal static int Rows(int queries, int keys)
    {
        var rows = Math.Clamp(TileBytes / sizeof(float) / Math.Max(keys, 1), FewestRows, MostRows);
        return Padded.Up(Math.Min(rows / TileProduct.Rows * TileProduct.Rows, queries), TileProduct.Rows);
    }

    /// <summary>Does all of it.</summary>
    internal void Run()
    {
        var sizes = Call.Sizes;
        var (groups, rows) = (sizes.Groups / groupsAtOnce, (sizes.Queries + rowsAtOnce - 1) / rowsAtOnce);
        var (items, next) = (sizes.Batch * groups * rows, -1);
        // Products do sixteen multiplications a cycle.
        var workers = Workers.For(items, (long)sizes.Batch * sizes.Heads * sizes.Queries * sizes.Keys * (sizes.Width + sizes.ValueWidth) / 2);
        if (workers == 1)
            Work(0);
        else
            Parallel.For(0, workers, new() { MaxDegreeOfParallelism = workers }, Work);

        void Work(int worker)
        {
            using var buffer = new LineBuffer(BufferSize);
            for (int item; (item = Interlocked.Increment(ref next)) < items;)
            {
                var (batch, group, row) = (item / rows / groups, item / rows % groups * groupsAtOnce, item % rows * rowsAtOnce);
                for (var g = group; g < group + groupsAtOnce; g++)
                    Run(batch, g, row, Math.Min(rowsAtOnce, sizes.Queries - row), buffer.Start);
            }
        }
    }

    /// <summary>Does some queries of a group of heads.</summary>
    private protected abstract void Run(int batch, int group, int firstRow, int rows, float* buffer);
}
