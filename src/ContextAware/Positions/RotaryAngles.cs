using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>
/// The cosines and signed sines of a span of positions, spread over the components that they turn. Made once a forward
/// by <see cref="RotaryEmbedding"/>, and used by every layer.
/// </summary>
/// <param name="Cos">[T, R] or [B, 1, T, R], with R the rotated width.</param>
/// <param name="Sin">Of the same shape; negative where the partner is subtracted.</param>
public readonly record struct RotaryAngles(Tensor Cos, Tensor Sin);
