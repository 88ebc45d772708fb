using System.Collections;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>How [B,T,S,H] is cut so that no piece has more than a given number of elements (one row of H at least).</summary>
internal sealed class TanhBlocks : IEnumerable<TanhBlocks.Block>
{
    private readonly long batchBlock;
    private readonly long stepBlock;
    private readonly long keyBlock;

    /// <summary>Plans the cuts.</summary>
    /// <param name="shape">B, T, S.</param>
    /// <param name="hidden">H.</param>
    /// <param name="size">The elements of a block.</param>
    public TanhBlocks(ScoreShape shape, long hidden, long size)
    {
        (Shape, Hidden) = (shape, hidden);
        var rows = Math.Max(1, size / hidden);
        // All keys of few queries rather than the reverse: whole rows of scores are written at once.
        keyBlock = Math.Clamp(rows, 1, Math.Max(1, shape.Keys));
        stepBlock = Math.Clamp(rows / keyBlock, 1, Math.Max(1, shape.Steps));
        batchBlock = Math.Clamp(rows / (keyBlock * stepBlock), 1, Math.Max(1, shape.Batch));
    }

    /// <summary>B, T, S.</summary>
    public ScoreShape Shape { get; }

    /// <summary>H.</summary>
    public long Hidden { get; }

    /// <inheritdoc/>
    public IEnumerator<Block> GetEnumerator()
    {
        foreach (var batch in Cut(Shape.Batch, batchBlock))
            foreach (var keys in Cut(Shape.Keys, keyBlock))
                foreach (var steps in Cut(Shape.Steps, stepBlock))
                    yield return new Block(batch, steps, keys);
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<Stretch> Cut(long length, long step)
    {
        for (var start = 0L; start < length; start += step)
            yield return new Stretch(start, Math.Min(step, length - start));
    }

    /// <summary>A stretch of one dimension.</summary>
    internal readonly record struct Stretch(long Start, long Length)
    {
        /// <summary>That stretch of a tensor, as a view.</summary>
        public Tensor Of(Tensor tensor, long dimension) => tensor.narrow(dimension, Start, Length);
    }

    /// <summary>One piece; its methods give the matching pieces of the tensors involved, as views.</summary>
    internal readonly record struct Block(Stretch Batch, Stretch Steps, Stretch KeyRange)
    {
        /// <summary>The piece of a <c>[B,T,H]</c> tensor.</summary>
        public Tensor Queries(Tensor query) => Steps.Of(Batch.Of(query, 0), 1);

        /// <summary>The piece of a <c>[B,S,H]</c> tensor.</summary>
        public Tensor Keys(Tensor key) => KeyRange.Of(Batch.Of(key, 0), 1);

        /// <summary>The piece of a <c>[B,T,S]</c> tensor.</summary>
        public Tensor Scores(Tensor scores) => KeyRange.Of(Queries(scores), 2);

        /// <summary>σ(2q + 2k) of this piece: <c>[b,t,s,H]</c>.</summary>
        public Tensor Activations(Tensor query, Tensor doubledKey) =>
            TanhScores.Activations(Queries(query).unsqueeze(2), Keys(doubledKey).unsqueeze(1));
    }
}
