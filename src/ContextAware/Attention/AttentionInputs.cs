using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What the paths work on: four dimensions, one type, checked, free of what mustn't leak.</summary>
internal sealed record AttentionInputs
{
    internal required AttentionSizes Sizes { get; init; }

    /// <summary>[B, H, T, E].</summary>
    internal required Tensor Query { get; init; }

    /// <summary>[B, G, S, E].</summary>
    internal required Tensor Key { get; init; }

    /// <summary>[B, G, S, V].</summary>
    internal required Tensor Value { get; init; }

    /// <summary>[B or 1, H or 1, T or 1, S or 1], or null.</summary>
    internal required Tensor? Bias { get; init; }

    /// <summary>Whether the bias may hold −∞, which hides as the mask does.</summary>
    internal required bool BiasHides { get; init; }

    internal required AttentionMask Mask { get; init; }

    internal required double Scale { get; init; }

    internal required double Softcap { get; init; }

    internal required double Dropout { get; init; }

    internal required bool NeedWeights { get; init; }

    /// <summary>Whether the weights are averaged over the heads.</summary>
    internal required bool AverageWeights { get; init; }

    internal required bool NeedGradient { get; init; }

    /// <summary>What the weights add to the output, [B, H, T, S] to [B, H, T, V], or null.</summary>
    internal required Func<Tensor, Tensor>? FromWeights { get; init; }

    /// <summary>How to cut the matrix; null: by size.</summary>
    internal required BlockPlan? Blocks { get; init; }

    internal Grouping Grouping => new(Sizes);

    internal Visibility Visibility => new(Mask, BiasHides ? Bias : null, Sizes, Query.device);

    /// <summary>[B, H, L, E], laid out as [B, L, H, E], so that combining the heads is a view.</summary>
    internal static Tensor ZeroHeads(long batch, long heads, long length, long width, Tensor like) =>
        zeros([batch, length, heads, width], like.dtype, like.device).transpose(1, 2);
}
