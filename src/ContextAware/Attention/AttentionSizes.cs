namespace ContextAware.Attention;

/// <summary>The sizes of one call: B, H, G, T, S, E and the values' width.</summary>
internal readonly record struct AttentionSizes(
    long Batch, long Heads, long Groups, long QueryLength, long KeyLength, long Width, long ValueWidth)
{
    /// <summary>How many query heads share a key-value head.</summary>
    public long HeadsPerGroup => Heads / Groups;

    public bool IsEmpty => Batch == 0 || QueryLength == 0 || KeyLength == 0 || Width == 0 || ValueWidth == 0;

    /// <summary>1/√E (Vaswani et al. 2017, eq. 1).</summary>
    public double DefaultScale => Width == 0 ? 1 : 1 / Math.Sqrt(Width);
}
