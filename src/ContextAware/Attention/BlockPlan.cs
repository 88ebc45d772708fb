namespace ContextAware.Attention;

/// <summary>A part of the matrix: some batches, some groups of heads, some queries.</summary>
internal readonly record struct Block(
    long BatchStart, long BatchCount, long GroupStart, long GroupCount, long QueryStart, long QueryCount);

/// <summary>How the matrix is cut, so that the scores of a block stay small.</summary>
/// <param name="Rows">Queries of each head at once.</param>
/// <param name="Groups">Groups of heads at once.</param>
/// <param name="Batches">Batches at once; more than one only with all groups.</param>
internal readonly record struct BlockPlan(long Rows, long Groups, long Batches)
{
    /// <summary>Bytes of scores of one group of heads to have at once.</summary>
    private const long Budget = 8 << 20;

    /// <summary>Bytes of scores up to which more groups are taken along: their products follow each other, and gain nothing beyond.</summary>
    private const long SharedBudget = 4 << 20;

    /// <summary>Fewer rows than this make the products slow.</summary>
    private const long FewestRows = 16;

    /// <summary>Where the mask lets a block skip keys, shorter blocks skip more.</summary>
    private const long RowsWhenSkipping = 256;

    /// <param name="sizes">The sizes of the call, none of them zero.</param>
    /// <param name="elementSize">Bytes a score.</param>
    /// <param name="skipsKeys">Whether the mask lets blocks skip keys.</param>
    internal static BlockPlan For(in AttentionSizes sizes, long elementSize, bool skipsKeys)
    {
        var row = sizes.HeadsPerGroup * sizes.KeyLength * elementSize;
        var rows = Math.Max(Budget / row, FewestRows);
        if (skipsKeys)
            rows = Math.Min(rows, RowsWhenSkipping);
        rows = Math.Min(rows, sizes.QueryLength);
        var groups = Math.Clamp(SharedBudget / (row * rows), 1, sizes.Groups);
        var batches = groups < sizes.Groups ? 1 : Math.Clamp(SharedBudget / (row * rows * groups), 1, sizes.Batch);
        return new(rows, groups, batches);
    }

    /// <summary>So many queries of all heads and batches at once.</summary>
    internal static BlockPlan Whole(in AttentionSizes sizes, long rows) => new(Math.Clamp(rows, 1, sizes.QueryLength), sizes.Groups, sizes.Batch);

    internal IEnumerable<(long Start, long Count)> Queries(AttentionSizes sizes) => Parts(sizes.QueryLength, Rows);

    internal IEnumerable<Block> Blocks(AttentionSizes sizes, long queryStart, long queryCount)
    {
        foreach (var (batch, batchCount) in Parts(sizes.Batch, Batches))
        {
            foreach (var (group, groupCount) in Parts(sizes.Groups, Groups))
                yield return new(batch, batchCount, group, groupCount, queryStart, queryCount);
        }
    }

    private static IEnumerable<(long Start, long Count)> Parts(long length, long atOnce)
    {
        for (var start = 0L; start < length; start += atOnce)
            yield return (start, Math.Min(atOnce, length - start));
    }
}
