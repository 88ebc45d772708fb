using ContextAware.Loops;

namespace ContextAware.Attention.Tiles;

/// <summary>Where gradients go; none where it isn't wanted.</summary>
/// <param name="Query">[B, H, T, E]; overwritten.</param>
/// <param name="Key">[B, G, S, E]; added to.</param>
/// <param name="Value">[B, G, S, V]; added to.</param>
internal readonly record struct TileGradients(HeadRows<float> Query, HeadRows<float> Key, HeadRows<float> Value);
