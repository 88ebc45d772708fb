using ContextAware.Loops;
using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>
/// The forward pass in tiles: scores of a few queries with all their keys, e^score, weighted sum of the values, and only
/// then the division by the sum of the weights (Dao et al. 2022, FlashAttention, algorithm 1, with whole rows of keys).
/// </summary>
internal sealed unsafe class TileForward : TileJob
{
    private readonly HeadRows<float> output;
    private readonly HeadRows<float> weights;
    private readonly bool average;
    private readonly (int Key, int Value) padded;

    /// <param name="call">What to compute.</param>
    /// <param name="output">[B, H, T, V].</param>
    /// <param name="weights">[B, H, T, S], or [B, 1, T, S] to add the average over the heads to; or none.</param>
    /// <param name="average">Whether the weights are averaged.</param>
    internal TileForward(TileCall call, HeadRows<float> output, HeadRows<float> weights, bool average)
        : base(call, allGroups: average)
    {
        (this.output, this.weights, this.average) = (output, weights, average);
        padded = (Padded.Up(call.Sizes.Width, TileProduct.Panel), Padded.Up(call.Sizes.ValueWidth, TileProduct.Panel));
    }

    private protected override long BufferSize
    {
        get
        {
            var sizes = Call.Sizes;
            return TilePanels.Size(sizes.Keys, padded.Key, TileProduct.Panel)
                + TilePanels.Size(sizes.Keys, padded.Value, TileProduct.Panel)
                + TileRows.Size(TileHeight, padded.Key)
                + TileRows.Size(TileHeight, sizes.Keys)
                + ((long)TileHeight * padded.Value);
        }
    }

    private protected override void Run(int batch, int group, int firstRow, int rows, float* buffer)
    {
        var sizes = Call.Sizes;
        var keys = buffer;
        var values = keys + TilePanels.Size(sizes.Keys, padded.Key, TileProduct.Panel);
        var query = new TileRows(values + TilePanels.Size(sizes.Keys, padded.Value, TileProduct.Panel), TileHeight);
        var scores = new TileRows(query.At(0, 0) + TileRows.Size(TileHeight, padded.Key), TileHeight);
        var sums = scores.At(0, 0) + TileRows.Size(TileHeight, sizes.Keys);
        TilePanels.Rows(Call.Key.At(batch, group), Call.Key.Stride, sizes.Keys, sizes.Width, TileProduct.Panel, keys);
        TilePanels.Columns(Call.Value.At(batch, group), Call.Value.Stride, sizes.Keys, sizes.ValueWidth, TileProduct.Panel, values);
        var statistics = stackalloc RowStatistics[TileHeight];
        for (var head = group * Call.Shared; head < (group + 1) * Call.Shared; head++)
        {
            for (var row = firstRow; row < firstRow + rows; row += TileHeight)
            {
                var count = Math.Min(TileHeight, firstRow + rows - row);
                query.Fill(Call.Query.At(batch, head, row), Call.Query.Stride, count, Padded.Up(count, TileProduct.Rows), sizes.Width, Call.Scale);
                TileProducts.Scores(query, keys, count, sizes.Width, sizes.Keys, scores);
                for (var i = 0; i < count; i++)
                    statistics[i] = Weigh(scores, batch, head, row, i);
                TileProducts.Sums(scores, values, count, sizes.Keys, sizes.ValueWidth, sums);
                for (var i = 0; i < count; i++)
                    Vectors.Scale(sums + (i * padded.Value), statistics[i].Inverse, output.At(batch, head, row + i), sizes.ValueWidth);
            }
        }
    }

    /// <summary>From scores to weights that are not divided yet.</summary>
    private RowStatistics Weigh(in TileRows scores, int batch, int head, int firstRow, int i)
    {
        var extras = Call.Extras(batch, head, firstRow + i);
        var statistics = TileSoftmax.Exponentials(scores, i, Call.Sizes.Keys, extras);
        if (!Call.Statistics.IsNone)
            *(RowStatistics*)Call.Statistics.At(batch, head, firstRow + i) = statistics;
        if (!weights.IsNone)
            Show(scores, i, statistics.Inverse, weights.At(batch, average ? 0 : head, firstRow + i));
        if (extras.Spared is not null)
            TileSoftmax.Drop(scores, i, Call.Sizes.Keys, extras);
        return statistics;
    }

    private void Show(in TileRows scores, int row, float inverse, float* to)
    {
        for (var block = 0; block * TileRows.Block < Call.Sizes.Keys; block++)
        {
            var from = scores.At(row, block);
            var target = to + (block * TileRows.Block);
            var length = Math.Min(TileRows.Block, Call.Sizes.Keys - (block * TileRows.Block));
            if (average)
                Vectors.AddScaled(from, inverse / Call.Sizes.Heads, target, length);
            else
                Vectors.Scale(from, inverse, target, length);
        }
    }
}
