using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// The layouts for grouped heads, where R = H / G query heads share a key head. Folded, the queries of a group stand
/// below each other, [B, G, R·T, …], so that one product with the group's keys serves them all and no key is copied.
/// Split, they are apart, [B, G, R, T, …], so that masks and biases broadcast. With R = 1 both are [B, H, T, …].
/// </summary>
internal readonly struct Grouping(in AttentionSizes sizes)
{
    private readonly long groups = sizes.Groups;
    private readonly long shared = sizes.HeadsPerGroup;

    internal long Shared => shared;

    /// <summary>[B, H, T, X] → [B, G, R, T, X], without copying; a single head for all stays single.</summary>
    internal Tensor Split(Tensor tensor)
    {
        if (shared == 1)
            return tensor;
        return tensor.size(1) == 1 ? tensor.unsqueeze(1) : tensor.unflatten(1, groups, shared);
    }

    /// <summary>[B, G, R, T, X] → [B, G, R·T, X].</summary>
    internal Tensor Fold(Tensor split) => shared == 1 ? split : split.flatten(2, 3);

    /// <summary>[B, G, R·T, X] → [B, G, R, T, X].</summary>
    internal Tensor Unfold(Tensor folded, long queries) => shared == 1 ? folded : folded.unflatten(2, shared, queries);

    /// <summary>[B, G, R, T, X] → [B, H, T, X].</summary>
    internal Tensor Join(Tensor split) => shared == 1 ? split : split.flatten(1, 2);
}
