using ContextAware.Loops;
using ContextAware.Randomness;
using static TorchSharp.torch;

namespace ContextAware.Attention.Tiles;

/// <summary>Some queries of all heads, and what they see.</summary>
/// <param name="Start">The first query.</param>
/// <param name="Count">How many.</param>
/// <param name="Visible">What they see.</param>
/// <param name="Sizes">Of the whole.</param>
/// <param name="Operands">Of the whole.</param>
/// <param name="Scale">Of the scores.</param>
/// <param name="Dropout">The share of weights to drop.</param>
internal readonly record struct TileQueries(
    long Start, long Count, VisibleKeys Visible, AttentionSizes Sizes, BlockOperands Operands, double Scale, double Dropout)
{
    /// <summary>Sizes and addresses. Makes tensors in the caller's scope, which must stay as long as they are used.</summary>
    /// <param name="statistics">[B, H, T, 2], or null.</param>
    internal TileCall Call(Tensor? statistics)
    {
        var (sizes, keys) = (Sizes, Visible.KeyCount);
        long[] scores = [sizes.Batch, sizes.Heads, Count, keys];
        var query = HeadRows<float>.SideBySide(Queries(Operands.Query), sizes.Width);
        var key = HeadRows<float>.SideBySide(Keys(Operands.Key), sizes.Width);
        var value = HeadRows<float>.SideBySide(Keys(Operands.Value), sizes.ValueWidth);
        var bias = Operands.Bias is null ? null : HeadRows<float>.SideBySide(Scores(Operands.Bias), keys);
        var hidden = Visible.Hidden is null ? null : HeadRows<byte>.SideBySide(new Grouping(sizes).Join(Visible.Hidden), keys);
        var spared = Operands.Spared is null ? null : HeadRows<byte>.SideBySide(Scores(Operands.Spared), keys);
        return new()
        {
            Sizes = ((int)sizes.Batch, (int)sizes.Heads, (int)sizes.Groups, (int)Count, (int)keys, (int)sizes.Width, (int)sizes.ValueWidth),
            Scale = (float)Scale,
            Query = HeadRows<float>.Of(query, sizes.Batch, sizes.Heads, Count, sizes.Width),
            Key = HeadRows<float>.Of(key, sizes.Batch, sizes.Groups, keys, sizes.Width),
            Value = HeadRows<float>.Of(value, sizes.Batch, sizes.Groups, keys, sizes.ValueWidth),
            Bias = HeadRows<float>.Of(bias, scores),
            Hidden = HeadRows<byte>.Of(hidden, scores),
            Spared = HeadRows<byte>.Of(spared, scores),
            SparedFactor = (float)DropoutMask.Factor(Dropout),
            Statistics = HeadRows<float>.Of(statistics is null ? null : Queries(statistics), sizes.Batch, sizes.Heads, Count, 2),
        };
    }

    /// <summary>These queries of [B or 1, H or 1, T or 1, X].</summary>
    internal Tensor Queries(Tensor tensor) => Part(tensor, 2, Start, Count);

    /// <summary>The keys that they see, of [B, G, S, X].</summary>
    internal Tensor Keys(Tensor tensor) => Part(tensor, 2, Visible.KeyStart, Visible.KeyCount);

    /// <summary>Both of [B or 1, H or 1, T or 1, S or 1].</summary>
    internal Tensor Scores(Tensor tensor) => Part(Queries(tensor), 3, Visible.KeyStart, Visible.KeyCount);

    /// <summary>A size of 1 serves all.</summary>
    private static Tensor Part(Tensor tensor, int dim, long start, long count)
    {
        var size = tensor.size(dim);
        return size == count || size == 1 ? tensor : tensor.narrow(dim, start, count);
    }
}
