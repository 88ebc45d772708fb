using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>One block: some batches b, some groups of heads g, some queries t, and the keys s that they see.</summary>
internal readonly struct BlockPart
{
    private readonly Block block;
    private readonly Grouping grouping;
    private readonly VisibleKeys visible;
    private readonly ScoreChain chain;
    private readonly Tensor? bias;

    internal BlockPart(int number, in Block block, in Grouping grouping, in VisibleKeys visible, in ScoreChain chain, double scale, BlockOperands operands)
    {
        Number = number;
        (this.block, this.grouping, this.chain) = (block, grouping, chain);
        QueryScale = chain.QueryScale(scale);
        this.visible = visible with
        {
            Hidden = visible.Hidden is null ? null : Heads(visible.Hidden),
            Empty = visible.Empty is null ? null : Heads(visible.Empty),
        };
        Query = Fold(this.visible.Clean(Queries(operands.Query)).mul(QueryScale));
        Key = Keys(operands.Key);
        Value = Keys(operands.Value);
        bias = operands.Bias is null ? null : Scores(operands.Bias);
        Spared = operands.Spared is null ? null : Scores(operands.Spared);
    }

    /// <summary>The number of this block, from 0.</summary>
    internal int Number { get; }

    /// <summary>What the queries were multiplied with.</summary>
    internal double QueryScale { get; }

    /// <summary>Scaled, [b, g, R·t, E].</summary>
    internal Tensor Query { get; }

    /// <summary>[b, g, s, E].</summary>
    internal Tensor Key { get; }

    /// <summary>[b, g, s, V].</summary>
    internal Tensor Value { get; }

    /// <summary>[b, g, R, t, s], or null without dropout.</summary>
    internal Tensor? Spared { get; }

    /// <summary>The weights of this block.</summary>
    /// <param name="undivided">Whether to leave the division by the sums to whoever uses them.</param>
    internal BlockWeights Weights(bool undivided)
    {
        var scores = Unfold(ScoreChain.Product(Query, Key));
        if (undivided)
        {
            var (exponentials, sums) = ScoreChain.Exponentials(scores, visible);
            return new(exponentials, sums, null);
        }
        var tanh = chain.Tanh(scores);
        return new(chain.Weights(scores, tanh, bias, visible), null, tanh);
    }

    /// <summary>The block's part of [B, T, X]: [b, t, X].</summary>
    internal Tensor QueriesWithoutHeads(Tensor tensor) =>
        Part(Part(tensor, 0, block.BatchStart, block.BatchCount), 1, block.QueryStart, block.QueryCount);

    /// <summary>The block's keys of a last dimension [.., S]: [.., s].</summary>
    internal Tensor LastKeys(Tensor tensor) => Part(tensor, -1, visible.KeyStart, visible.KeyCount);

    /// <summary>The block's part of [B, H, T, X]: [b, g, R, t, X].</summary>
    internal Tensor Queries(Tensor tensor) => Part(Heads(grouping.Split(tensor)), -2, block.QueryStart, block.QueryCount);

    /// <summary>The block's part of [B, G, S, X]: [b, g, s, X].</summary>
    internal Tensor Keys(Tensor tensor) => Part(Heads(tensor), -2, visible.KeyStart, visible.KeyCount);

    /// <summary>The block's part of [B or 1, H or 1, T or 1, S or 1]: [b or 1, g or 1, R or 1, t or 1, s or 1].</summary>
    internal Tensor Scores(Tensor tensor) => LastKeys(Queries(tensor));

    /// <summary>[b, g, R, t, X] as [b, g, R·t, X].</summary>
    internal Tensor Fold(Tensor split) => grouping.Fold(split);

    /// <summary>[b, g, R·t, X] as [b, g, R, t, X].</summary>
    internal Tensor Unfold(Tensor folded) => grouping.Unfold(folded, block.QueryCount);

    private Tensor Heads(Tensor split) =>
        Part(Part(split, 0, block.BatchStart, block.BatchCount), 1, block.GroupStart, block.GroupCount);

    /// <summary>A size of 1 serves all.</summary>
    private static Tensor Part(Tensor tensor, int dim, long start, long count)
    {
        var size = tensor.size(dim);
        return size == count || size == 1 ? tensor : tensor.narrow(dim, start, count);
    }
}
