using ContextAware.Loops;

namespace ContextAware.Attention.Tiles;

/// <summary>One call for some queries and the keys that they see: sizes and addresses, all counted from the first of these queries and keys.</summary>
internal sealed unsafe record TileCall
{
    /// <summary>B, H, G, the number of queries T, of keys S, and the widths E and V.</summary>
    internal required (int Batch, int Heads, int Groups, int Queries, int Keys, int Width, int ValueWidth) Sizes { get; init; }

    internal required float Scale { get; init; }

    /// <summary>[B, H, T, E].</summary>
    internal required HeadRows<float> Query { get; init; }

    /// <summary>[B, G, S, E].</summary>
    internal required HeadRows<float> Key { get; init; }

    /// <summary>[B, G, S, V].</summary>
    internal required HeadRows<float> Value { get; init; }

    /// <summary>[B, H, T, S], or none.</summary>
    internal HeadRows<float> Bias { get; init; }

    /// <summary>[B, H, T, S], true hides; or none.</summary>
    internal HeadRows<byte> Hidden { get; init; }

    /// <summary>[B, H, T, S], true is left by dropout; or none.</summary>
    internal HeadRows<byte> Spared { get; init; }

    /// <summary>What dropout multiplies with what it leaves.</summary>
    internal float SparedFactor { get; init; }

    /// <summary>[B, H, T, 2], <see cref="RowStatistics"/>: written by the forward pass and read by the backward pass; or none.</summary>
    internal HeadRows<float> Statistics { get; init; }

    /// <summary>Query heads that share a key head.</summary>
    internal int Shared => Sizes.Heads / Sizes.Groups;

    /// <summary>What one row of scores gets besides the product.</summary>
    internal RowExtras Extras(int batch, int head, int row) => new(
        Bias.IsNone ? null : Bias.At(batch, head, row),
        Hidden.IsNone ? null : Hidden.At(batch, head, row),
        Spared.IsNone ? null : Spared.At(batch, head, row),
        SparedFactor);
}
