using ContextAware.Attention.Tiles;
using ContextAware.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// The steps in blocks, forward and backward. The backward pass uses the weights that the forward pass kept if they
/// were few, and computes them again block by block if they were many (Dao et al. 2022, FlashAttention, algorithms 2
/// and 4, with whole rows of keys).
/// </summary>
/// <remarks>Holds numbers only: the tensors come as operands, because autograd must be the one to keep them.</remarks>
internal sealed class BlockAttention
{
    /// <summary>Up to here keeping the weights costs less than computing them again.</summary>
    private const long MostBytesKept = 256 << 20;

    private readonly AttentionSizes sizes;
    private readonly ScalarType type;
    private readonly double scale;
    private readonly double softcap;
    private readonly double dropout;
    private readonly bool biasHides;
    private readonly bool undivided;
    private readonly bool tiled;
    private readonly BlockPlan plan;

    private BlockAttention(AttentionInputs inputs)
    {
        (sizes, type, biasHides) = (inputs.Sizes, inputs.Query.dtype, inputs.BiasHides);
        (scale, softcap, dropout) = (inputs.Scale, inputs.Softcap, inputs.Dropout);
        tiled = TileAttention.Serves(inputs);
        plan = inputs.Blocks ?? (tiled ? BlockPlan.Whole(sizes, TileAttention.RowsAtOnce(sizes, inputs.Visibility)) : BlockPlan.For(sizes, inputs.Query.ElementSize, inputs.Visibility.NarrowsKeys));
        undivided = !tiled && softcap == 0 && dropout == 0 && inputs.Bias is null && inputs.Query.device_type == DeviceType.CPU && ScoreBound.Holds(inputs);
        KeepsWeights = !tiled && softcap == 0 && sizes.Batch * sizes.Heads * sizes.QueryLength * sizes.KeyLength * inputs.Query.ElementSize <= MostBytesKept;
    }

    /// <summary>Whether the backward pass should find the weights of the forward pass. The softcap's derivative needs more than them.</summary>
    private bool KeepsWeights { get; }

    internal static AttentionResult Run(AttentionInputs inputs)
    {
        var attention = new BlockAttention(inputs);
        var spared = inputs.Dropout > 0 ? attention.DrawSpared(inputs.Query.device) : null;
        var operands = new BlockOperands(inputs.Query, inputs.Key, inputs.Value, inputs.Bias, spared, inputs.Mask);
        if (inputs.NeedGradient)
            return new(BlockAttentionFunction.Apply(attention, operands), null);
        var sink = inputs.NeedWeights ? new WeightSink(inputs.Sizes, inputs.AverageWeights, inputs.Query) : null;
        return new(attention.Forward(operands, attention.NewOutput(operands), sink), sink?.Weights);
    }

    /// <summary>Memory for the output, [B, T, H, V].</summary>
    internal Tensor NewOutput(BlockOperands operands) =>
        empty([sizes.Batch, sizes.QueryLength, sizes.Heads, sizes.ValueWidth], operands.Query.dtype, operands.Query.device);

    /// <summary>The output [B, H, T, V].</summary>
    /// <param name="operands">What to compute from.</param>
    /// <param name="memory">Where to write it, [B, T, H, V].</param>
    /// <param name="sink">Takes the weights, as they are before dropout; or null.</param>
    /// <param name="kept">Takes what the backward pass should find, in no dispose scope; or null.</param>
    /// <param name="recorded">Whether autograd records the steps: only to differentiate twice.</param>
    internal Tensor Forward(BlockOperands operands, Tensor memory, WeightSink? sink = null, List<Tensor>? kept = null, bool recorded = false)
    {
        using var scope = NewDisposeScope();
        var output = memory.transpose(1, 2);
        if (tiled && !recorded)
        {
            var statistics = kept is null ? null : empty([sizes.Batch, sizes.Heads, sizes.QueryLength, 2], type, operands.Query.device);
            ForEachRows(operands, rows => TileAttention.Forward(rows, output, statistics, sink?.Weights));
            if (statistics is not null)
                kept!.Add(statistics.DetachFromDisposeScope());
            return output.MoveToOuterDisposeScope();
        }
        ForEach(operands, recorded, part =>
        {
            var weights = part.Weights(undivided && !recorded);                        // [b, g, R, t, s]
            sink?.Take(part, weights);
            if (KeepsWeights)
                kept?.AddRange(weights.Kept.Select(tensor => tensor.DetachFromDisposeScope()));
            var used = weights.Weights;
            if (part.Spared is not null)
                used = used.mul(Factors(part.Spared, used));
            var result = part.Fold(used).to(type).matmul(part.Value);                  // [b, g, R·t, V]
            part.Queries(output).copy_(weights.Divide(part.Unfold(result)));           // [b, g, R, t, V]
        });
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>The gradients of the differentiable operands.</summary>
    /// <param name="operands">What the output was computed from.</param>
    /// <param name="output">[B, H, T, V].</param>
    /// <param name="gradient">Of the output, [B, H, T, V].</param>
    /// <param name="kept">What the forward pass kept.</param>
    internal Tensor?[] Backward(BlockOperands operands, Tensor output, Tensor gradient, IReadOnlyList<Tensor> kept)
    {
        using var scope = NewDisposeScope();
        var sums = new BlockGradients(sizes, operands);
        if (tiled)
        {
            ForEachRows(operands, rows => TileAttention.Backward(rows, output, gradient, kept[0], sums));
            return sums.Release(operands.Bias is not null);
        }
        // Σ_s weight · its gradient, which all scores of a row share: [B, H, T, 1]
        var shares = gradient.mul(output).sum(-1, keepdim: true);
        ForEach(operands, recorded: false, part =>
        {
            var weights = !KeepsWeights ? part.Weights(undivided)
                : undivided ? new(kept[2 * part.Number], kept[(2 * part.Number) + 1], null)
                : new(kept[part.Number], null, null);
            Differentiate(part, weights, gradient, shares, sums);
        });
        return sums.Release(operands.Bias is not null);
    }

    /// <summary>Which weights dropout spares: bool [B, H, T, S].</summary>
    private Tensor DrawSpared(Device device) =>
        DropoutMask.Spared([sizes.Batch, sizes.Heads, sizes.QueryLength, sizes.KeyLength], dropout, device);

    /// <summary>What dropout multiplies the weights with.</summary>
    private Tensor Factors(Tensor spared, Tensor weights) => spared.to(weights.dtype).mul_(DropoutMask.Factor(dropout));

    private void Differentiate(in BlockPart part, in BlockWeights block, Tensor gradient, Tensor shares, BlockGradients sums)
    {
        // Weights that are not divided yet: dividing the gradient of their output does the same, and is smaller.
        var (weights, tanh) = (block.Weights, block.Tanh);
        var outer = part.Fold(block.Divide(part.Queries(gradient)));                   // [b, g, R·t, V]
        var slope = part.Unfold(ScoreChain.Product(outer, part.Value));                // of the weights, [b, g, R, t, s]
        var used = weights;
        if (part.Spared is not null)
        {
            var factors = Factors(part.Spared, weights);
            used = weights.mul(factors);
            slope.mul_(factors);
        }
        if (sums.Value is not null)
            part.Keys(sums.Value).add_(part.Fold(used).to(type).transpose(-2, -1).matmul(outer));          // [b, g, s, V]

        slope.sub_(block.Divide(part.Queries(shares))).mul_(weights);                              // of the scores after bias and mask
        sums.AddBias(part, slope);
        if (tanh is not null)
            slope.mul_(tanh.square().neg_().add_(1).mul_(softcap));                    // d c·tanh(x) / dx = c·(1 − tanh²(x))
        var scores = part.Fold(slope).to(type);                                        // [b, g, R·t, s]
        if (sums.Query is not null)
            part.Queries(sums.Query).copy_(part.Unfold(scores.matmul(part.Key).mul_(part.QueryScale)));    // [b, g, R, t, E]
        if (sums.Key is not null)
            part.Keys(sums.Key).add_(scores.transpose(-2, -1).matmul(part.Query));     // [b, g, s, E]
    }

    private void ForEachRows(BlockOperands operands, Action<TileQueries> work)
    {
        var visibility = new Visibility(operands.Mask, biasHides ? operands.Bias : null, sizes, operands.Query.device);
        foreach (var (start, count) in plan.Queries(sizes))
        {
            using var rowScope = NewDisposeScope();
            work(new(start, count, visibility.Of(start, count), sizes, operands, scale, dropout));
        }
    }

    private void ForEach(BlockOperands operands, bool recorded, Action<BlockPart> work)
    {
        var chain = new ScoreChain(softcap, InPlace: !recorded);
        var visibility = new Visibility(operands.Mask, biasHides ? operands.Bias : null, sizes, operands.Query.device);
        var number = 0;
        foreach (var (start, count) in plan.Queries(sizes))
        {
            using var rowScope = NewDisposeScope();
            var visible = visibility.Of(start, count);
            foreach (var block in plan.Blocks(sizes, start, count))
            {
                using var blockScope = NewDisposeScope();
                work(new(number++, block, new(sizes), visible, chain, scale, operands));
            }
        }
    }
}
