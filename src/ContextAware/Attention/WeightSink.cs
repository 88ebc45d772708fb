using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Collects the weights of the blocks: for each head, or averaged, which never needs them all at once.</summary>
internal sealed class WeightSink(in AttentionSizes sizes, bool average, Tensor like)
{
    private readonly double share = 1.0 / sizes.Heads;
    private readonly bool grouped = sizes.HeadsPerGroup > 1;

    /// <summary>[B, H, T, S], or [B, T, S] if averaged.</summary>
    internal Tensor Weights { get; } = average
        ? zeros([sizes.Batch, sizes.QueryLength, sizes.KeyLength], like.dtype, like.device)
        : zeros([sizes.Batch, sizes.Heads, sizes.QueryLength, sizes.KeyLength], like.dtype, like.device);

    /// <param name="part">Where they belong.</param>
    /// <param name="block">The weights of the block.</param>
    internal void Take(BlockPart part, BlockWeights block)
    {
        var (weights, sums) = (block.Weights, block.Sums);                             // [b, g, R, t, s], [b, g, R, t, 1]
        if (!average)
        {
            var target = part.Scores(Weights);
            target.copy_(weights);
            if (sums is not null)
                target.div_(sums);
            return;
        }
        var mean = part.LastKeys(part.QueriesWithoutHeads(Weights));                   // [b, t, s]
        if (sums is null)
        {
            mean.add_(weights.sum(grouped ? [1, 2] : [1]), share);
            return;
        }
        var factors = sums.reciprocal();
        foreach (var (head, factor) in EachHead(weights).Zip(EachHead(factors)))
            mean.addcmul_(head, factor, share);                                        // [b, t, s], [b, t, 1]
    }

    /// <summary>[b, g, R, t, X] as g·R times [b, t, X], without copying.</summary>
    private IEnumerable<Tensor> EachHead(Tensor tensor) => grouped
        ? tensor.unbind(1).SelectMany(group => group.unbind(1))
        : tensor.unbind(1);
}
