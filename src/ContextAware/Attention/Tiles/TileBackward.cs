using ContextAware.Loops;
using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>
/// The backward pass in tiles: the weights are computed again from what the forward pass found of each row, which takes less time
/// than to keep them and to read them (Dao et al. 2022, FlashAttention, algorithm 4, with whole rows of keys).
/// </summary>
internal sealed unsafe class TileBackward : TileJob
{
    private readonly HeadRows<float> output;
    private readonly HeadRows<float> gradient;
    private readonly TileGradients wanted;
    private readonly (int Key, int Value) padded;
    private readonly int paddedKeys;
    private readonly Turns[] turns;

    /// <param name="call">As in the forward pass, with its statistics.</param>
    /// <param name="output">[B, H, T, V].</param>
    /// <param name="gradient">Of the output, [B, H, T, V].</param>
    /// <param name="wanted">Where the gradients go.</param>
    internal TileBackward(TileCall call, HeadRows<float> output, HeadRows<float> gradient, TileGradients wanted)
        : base(call, allGroups: false)
    {
        (this.output, this.gradient, this.wanted) = (output, gradient, wanted);
        var sizes = call.Sizes;
        padded = (Padded.Up(sizes.Width, TileProduct.Panel), Padded.Up(sizes.ValueWidth, TileProduct.Panel));
        paddedKeys = Padded.Up(sizes.Keys, TileRows.Block);
        turns = [.. Enumerable.Range(0, sizes.Batch * sizes.Groups).Select(_ => new Turns())];
    }

    private protected override long BufferSize
    {
        get
        {
            var keys = Call.Sizes.Keys;
            return (2 * TilePanels.Size(keys, padded.Key, TileProduct.Panel)) + TilePanels.Size(keys, padded.Value, TileProduct.Panel)
                + ((long)paddedKeys * (padded.Key + padded.Value))
                + TileRows.Size(TileHeight, padded.Key) + TileRows.Size(TileHeight, padded.Value) + (2 * TileRows.Size(TileHeight, keys))
                + ((long)TileHeight * padded.Key);
        }
    }

    private protected override void Run(int batch, int group, int firstRow, int rows, float* buffer)
    {
        var part = new Part(buffer, this);
        var (sizes, key, value) = (Call.Sizes, Call.Key, Call.Value);
        TilePanels.Rows(key.At(batch, group), key.Stride, sizes.Keys, sizes.Width, TileProduct.Panel, part.Keys);
        TilePanels.Columns(key.At(batch, group), key.Stride, sizes.Keys, sizes.Width, TileProduct.Panel, part.KeyColumns);
        TilePanels.Rows(value.At(batch, group), value.Stride, sizes.Keys, sizes.ValueWidth, TileProduct.Panel, part.Values);
        part.KeySums.Clear();
        part.ValueSums.Clear();
        for (var head = group * Call.Shared; head < (group + 1) * Call.Shared; head++)
        {
            for (var row = firstRow; row < firstRow + rows; row += TileHeight)
                Differentiate(part, batch, head, row, Math.Min(TileHeight, firstRow + rows - row));
        }
        // In the order of the queries, so that the sums are the same each time, whichever thread is the first.
        var turn = turns[(batch * sizes.Groups) + group];
        turn.Await(firstRow);
        Add(part.KeySums, padded.Key, wanted.Key, batch, group, sizes.Width);
        Add(part.ValueSums, padded.Value, wanted.Value, batch, group, sizes.ValueWidth);
        turn.Pass(firstRow + rows);
    }

    private void Differentiate(in Part part, int batch, int head, int row, int count)
    {
        var sizes = Call.Sizes;
        var all = Padded.Up(count, TileProduct.Rows);
        part.Query.Fill(Call.Query.At(batch, head, row), Call.Query.Stride, count, all, sizes.Width, Call.Scale);
        part.Gradient.Fill(gradient.At(batch, head, row), gradient.Stride, count, all, sizes.ValueWidth, 1);
        TileProducts.Scores(part.Query, part.Keys, count, sizes.Width, sizes.Keys, part.Scores);
        TileProducts.Scores(part.Gradient, part.Values, count, sizes.ValueWidth, sizes.Keys, part.Slopes);
        for (var i = 0; i < count; i++)
            DifferentiateRow(part, batch, head, row, row + i);
        if (!wanted.Value.IsNone)
            TileProducts.AddOuter(part.Scores, part.Gradient, count, sizes.Keys, sizes.ValueWidth, part.ValueStart);
        if (!wanted.Key.IsNone)
            TileProducts.AddOuter(part.Slopes, part.Query, count, sizes.Keys, sizes.Width, part.KeyStart);
        if (wanted.Query.IsNone)
            return;
        TileProducts.Sums(part.Slopes, part.KeyColumns, count, sizes.Keys, sizes.Width, part.QuerySums);
        for (var i = 0; i < count; i++)
            Vectors.Scale(part.QuerySums + (i * padded.Key), Call.Scale, wanted.Query.At(batch, head, row + i), sizes.Width);
    }

    private void DifferentiateRow(in Part part, int batch, int head, int firstRow, int row)
    {
        var (sizes, i) = (Call.Sizes, row - firstRow);
        var statistics = *(RowStatistics*)Call.Statistics.At(batch, head, row);
        if (statistics.Inverse == 0)
        {
            // It saw nothing. Its query may be NaN, and 0·NaN would reach the gradient of the keys.
            part.Query.Clear(i, sizes.Width);
            part.Gradient.Clear(i, sizes.ValueWidth);
            part.Scores.Clear(i, sizes.Keys);
            part.Slopes.Clear(i, sizes.Keys);
            return;
        }
        var share = Vectors.Dot(gradient.At(batch, head, row), output.At(batch, head, row), sizes.ValueWidth);
        TileSoftmax.Differentiate(part.Scores, part.Slopes, i, sizes.Keys, Call.Extras(batch, head, row), statistics, share);
    }

    private void Add(Span<float> sums, int stride, HeadRows<float> to, int batch, int group, int width)
    {
        if (to.IsNone)
            return;
        fixed (float* start = sums)
        {
            for (var row = 0; row < Call.Sizes.Keys; row++)
                Vectors.AddScaled(start + ((long)row * stride), 1, to.At(batch, group, row), width);
        }
    }

    /// <summary>Who may add to the gradients of a group of heads: items are begun in order, so the one that is waited for is at work.</summary>
    private sealed class Turns
    {
        private int next;

        /// <summary>Waits until all queries before this one have been added.</summary>
        internal void Await(int row)
        {
            lock (this)
            {
                while (next != row)
                    Monitor.Wait(this);
            }
        }

        /// <summary>The turn is that of the item which begins with this query.</summary>
        internal void Pass(int row)
        {
            lock (this)
            {
                next = row;
                Monitor.PulseAll(this);
            }
        }
    }

    /// <summary>The buffer of a thread, cut up.</summary>
    private readonly ref struct Part
    {
        private readonly TileBackward job;

        internal Part(float* buffer, TileBackward job)
        {
            this.job = job;
            var (keys, panel, height) = (job.Call.Sizes.Keys, TileProduct.Panel, job.TileHeight);
            Keys = Take(TilePanels.Size(keys, job.padded.Key, panel));
            KeyColumns = Take(TilePanels.Size(keys, job.padded.Key, panel));
            Values = Take(TilePanels.Size(keys, job.padded.Value, panel));
            KeyStart = Take((long)job.paddedKeys * job.padded.Key);
            ValueStart = Take((long)job.paddedKeys * job.padded.Value);
            Query = new(Take(TileRows.Size(height, job.padded.Key)), height);
            Gradient = new(Take(TileRows.Size(height, job.padded.Value)), height);
            Scores = new(Take(TileRows.Size(height, keys)), height);
            Slopes = new(Take(TileRows.Size(height, keys)), height);
            QuerySums = buffer;

            float* Take(long size)
            {
                var start = buffer;
                buffer += size;
                return start;
            }
        }

        /// <summary>For the product with queries.</summary>
        internal float* Keys { get; }

        /// <summary>For the product with the gradients of scores.</summary>
        internal float* KeyColumns { get; }

        /// <summary>For the product with the gradients of the output.</summary>
        internal float* Values { get; }

        internal float* KeyStart { get; }

        internal float* ValueStart { get; }

        internal float* QuerySums { get; }

        internal TileRows Query { get; }

        internal TileRows Gradient { get; }

        internal TileRows Scores { get; }

        internal TileRows Slopes { get; }

        internal Span<float> KeySums => new(KeyStart, job.paddedKeys * job.padded.Key);

        internal Span<float> ValueSums => new(ValueStart, job.paddedKeys * job.padded.Value);
    }
}
