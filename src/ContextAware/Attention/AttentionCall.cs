using ContextAware.Caching;
using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What comes with query, key and value in one call.</summary>
public sealed record AttentionCall
{
    /// <summary>Nothing.</summary>
    public static AttentionCall Default { get; } = new();

    /// <summary>Which query may attend to which key.</summary>
    public AttentionMask Mask { get; init; } = AttentionMask.None;

    /// <summary>Added to the scores: [T, S] or [B, H, T, S]; a size of 1 serves all.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Whether to return the weights.</summary>
    public bool NeedWeights { get; init; }

    /// <summary>Whether the weights are averaged over the heads.</summary>
    public bool AverageWeights { get; init; }

    /// <summary>Keys and values of earlier steps, or of a complete source.</summary>
    public KeyValueCache? Cache { get; init; }
}
