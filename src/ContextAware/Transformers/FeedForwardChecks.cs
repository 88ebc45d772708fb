using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

internal static class FeedForwardChecks
{
    internal static void Sizes(long width, long hidden)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hidden);
    }

    /// <summary>The input must be [..., D] with the D of the first product.</summary>
    internal static void Input(Tensor input, Linear first)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.ndim == 0 || input.size(-1) != first.in_features)
            throw new ArgumentException($"Expected [..., D] with D = {first.in_features}, got {ShapeText.Of(input)}.", nameof(input));
    }
}
