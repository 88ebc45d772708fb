using ContextAware.Loops;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention.Tiles;

/// <summary>
/// Attention by loops of ours over tiles that stay in the processor's caches, forward and backward: for float32 on processors with
/// AVX2. Where libtorch has no kernel for attention, one product of it for each head, and a pass over memory for each step,
/// take longer.
/// </summary>
internal static class TileAttention
{
    /// <summary>Bytes of a mask to make at once.</summary>
    private const long MostMaskBytes = 16 << 20;

    /// <summary>Where the mask lets queries skip keys, fewer queries at once skip more.</summary>
    private const long RowsWhenSkipping = 256;

    /// <summary>What a thread works with for so many keys is far less than an array holds.</summary>
    private const long MostNumbersOfKeys = 1 << 25;

    /// <summary>Wider heads would fill the caches with a few queries alone.</summary>
    private const long MostWidth = 1 << 12;

    /// <summary>Whether the loops can do it.</summary>
    internal static bool Serves(AttentionInputs inputs)
    {
        var sizes = inputs.Sizes;
        return Vectors.AreFast && inputs.Query.dtype == ScalarType.Float32 && inputs.Query.device_type == DeviceType.CPU
            && inputs.Softcap == 0 && !(inputs.NeedGradient && inputs.Bias is { requires_grad: true })
            && Math.Max(sizes.Width, sizes.ValueWidth) <= MostWidth
            && sizes.KeyLength * Math.Max(sizes.Width, sizes.ValueWidth) <= MostNumbersOfKeys && sizes.KeyLength <= MostNumbersOfKeys / 128
            && sizes.Batch * sizes.Heads * sizes.QueryLength <= int.MaxValue;
    }

    /// <summary>Queries of each head at once.</summary>
    internal static long RowsAtOnce(in AttentionSizes sizes, Visibility visibility) =>
        visibility.ShowsAll ? sizes.QueryLength
        : visibility.NarrowsKeys ? RowsWhenSkipping
        : Math.Clamp(MostMaskBytes / (sizes.Batch * sizes.KeyLength), RowsWhenSkipping, Math.Max(RowsWhenSkipping, sizes.QueryLength));

    /// <summary>The output of some queries.</summary>
    /// <param name="rows">Which queries, and what they see.</param>
    /// <param name="output">[B, H, T, V], all of it: these queries' part is written.</param>
    /// <param name="statistics">[B, H, T, 2] to keep for the backward pass, or null.</param>
    /// <param name="weights">[B, H, T, S], or [B, T, S] for their average over the heads; zeros; or null.</param>
    internal static void Forward(in TileQueries rows, Tensor output, Tensor? statistics, Tensor? weights)
    {
        var (sizes, call) = (rows.Sizes, rows.Call(statistics));
        var average = weights is { Dimensions: 3 };
        var shown = weights is null ? null : rows.Scores(average ? weights.unsqueeze(1) : weights);
        var job = new TileForward(
            call,
            HeadRows<float>.Of(rows.Queries(output), sizes.Batch, sizes.Heads, rows.Count, sizes.ValueWidth),
            HeadRows<float>.Of(shown, sizes.Batch, average ? 1 : sizes.Heads, rows.Count, call.Sizes.Keys),
            average);
        job.Run();
        // The loops have addresses only: until here nothing may free the memory behind them.
        GC.KeepAlive((rows.Operands, output, statistics, weights));
    }

    /// <summary>What some queries give to the gradients.</summary>
    /// <param name="rows">Which queries, and what they see.</param>
    /// <param name="output">[B, H, T, V].</param>
    /// <param name="gradient">Of the output, [B, H, T, V].</param>
    /// <param name="statistics">What the forward pass kept, [B, H, T, 2].</param>
    /// <param name="sums">Where they go.</param>
    internal static void Backward(in TileQueries rows, Tensor output, Tensor gradient, Tensor statistics, BlockGradients sums)
    {
        var (sizes, call) = (rows.Sizes, rows.Call(statistics));
        long[] results = [sizes.Batch, sizes.Heads, rows.Count, sizes.ValueWidth];
        var wanted = new TileGradients(
            HeadRows<float>.Of(sums.Query is null ? null : rows.Queries(sums.Query), sizes.Batch, sizes.Heads, rows.Count, sizes.Width),
            HeadRows<float>.Of(sums.Key is null ? null : rows.Keys(sums.Key), sizes.Batch, sizes.Groups, call.Sizes.Keys, sizes.Width),
            HeadRows<float>.Of(sums.Value is null ? null : rows.Keys(sums.Value), sizes.Batch, sizes.Groups, call.Sizes.Keys, sizes.ValueWidth));
        var slopes = HeadRows<float>.SideBySide(rows.Queries(gradient), sizes.ValueWidth);
        var job = new TileBackward(call, HeadRows<float>.Of(rows.Queries(output), results), HeadRows<float>.Of(slopes, results), wanted);
        job.Run();
        GC.KeepAlive((rows.Operands, output, gradient, statistics, sums));
    }
}
