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
    /// <param name="weights">[b, g, R, t, s].</param>
    internal void Take(BlockPart part, Tensor weights)
    {
        if (average)
            part.LastKeys(part.QueriesWithoutHeads(Weights)).add_(weights.sum(grouped ? [1, 2] : [1]), share);
        else
            part.Scores(Weights).copy_(weights);
    }
}
