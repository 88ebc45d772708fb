using ContextAware.Loops;

namespace ContextAware.Products;

/// <summary>How threads share a <see cref="PanelProduct"/>: each takes the next piece of it, so that none waits long for a slower one.</summary>
internal sealed unsafe class PanelPass
{
    /// <summary>Rows that a thread puts into panels at once.</summary>
    private const int FillRows = 16 * TileProduct.Rows;

    /// <summary>Pieces for each thread: enough that none waits long for another.</summary>
    private const int PiecesPerThread = 4;

    /// <summary>Panels of outputs of a piece, at most, if several threads share the product.</summary>
    private const int MostPanels = 8;

    /// <summary>More rows at once gain nothing: weights come from memory seldom enough.</summary>
    private const int MostRows = 86 * TileProduct.Rows;

    /// <summary>Bytes of the rows of a thread.</summary>
    private const int RowBytes = 4 << 20;

    private readonly PanelProduct product;
    private readonly int threads;
    private readonly long first;
    private readonly int rows;
    private readonly float* left;
    private readonly int block;
    private readonly int piece;
    private int nextFill = -1;
    private int filled;
    private int nextPiece = -1;

    private PanelPass(PanelProduct product, int threads, long first, int rows, int block, float* left)
    {
        (this.product, this.threads, this.first, this.rows) = (product, threads, first, rows);
        this.left = left;
        this.block = Math.Min(block, Padded.Up(rows, TileProduct.Rows));
        // Threads share the outputs of the same rows first, so that weights come from memory once for all of them.
        var (panels, blocks) = (Padded.Up(product.Outputs, TileProduct.Panel) / TileProduct.Panel, (rows + block - 1) / block);
        piece = TileProduct.Panel * (threads == 1 ? panels : Math.Clamp(panels * blocks / (threads * PiecesPerThread), 1, MostPanels));
    }

    /// <summary>Does all of a product.</summary>
    internal static void RunAll(PanelProduct product)
    {
        // Products do sixteen multiplications a cycle.
        var threads = Workers.For(long.MaxValue, product.Rows * product.Inputs * product.Outputs / 2);
        var block = Math.Clamp(RowBytes / sizeof(float) / product.Inputs, FillRows, MostRows) / TileProduct.Rows * TileProduct.Rows;
        var rows = (int)Math.Min((long)block * threads, product.Rows);
        using var buffer = new LineBuffer((long)Padded.Up(rows, TileProduct.Rows) * product.Inputs);
        for (long first = 0; first < product.Rows; first += rows)
            new PanelPass(product, threads, first, (int)Math.Min(rows, product.Rows - first), block, buffer.Start).Run();
    }

    private void Run()
    {
        if (threads == 1)
            Work(0);
        else
            Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, Work);
    }

    private void Work(int worker)
    {
        Fill();
        using var sums = new LineBuffer(block * TileProduct.Panel);
        var (blocks, pieces) = ((rows + block - 1) / block, (product.Outputs + piece - 1) / piece);
        for (int item; (item = Interlocked.Increment(ref nextPiece)) < blocks * pieces;)
        {
            var (row, output) = (item / pieces * block, item % pieces * piece);
            product.Run(
                left + ((long)row * product.Inputs), first + row, Math.Min(block, rows - row),
                output, Math.Min(output + piece, product.Outputs), sums.Start);
        }
    }

    /// <summary>Puts rows into panels, until all threads together have put all there.</summary>
    private void Fill()
    {
        var fills = (rows + FillRows - 1) / FillRows;
        for (int fill; (fill = Interlocked.Increment(ref nextFill)) < fills; Interlocked.Increment(ref filled))
        {
            var row = fill * FillRows;
            RowPanels.Fill(
                product.Input + ((first + row) * product.Inputs), product.Inputs, Math.Min(FillRows, rows - row),
                product.Inputs, left + ((long)row * product.Inputs));
        }
        var wait = new SpinWait();
        while (Volatile.Read(ref filled) < fills) wait.SpinOnce();
    }
}
