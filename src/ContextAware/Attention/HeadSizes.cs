using ContextAware.Scoring;

namespace ContextAware.Attention;

/// <summary>Checks that a width can be cut into heads.</summary>
internal static class HeadSizes
{
    /// <summary>Checks that both sizes are positive and that one divides the other.</summary>
    public static void Check(long dim, long heads)
    {
        ScoreShape.Positive(dim, nameof(dim));
        ScoreShape.Positive(heads, nameof(heads));
        if (dim % heads != 0)
            throw new ArgumentException($"Expected a number of heads that divides the width {dim}, got {heads}.", nameof(heads));
    }
}
