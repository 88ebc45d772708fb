using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What scaled dot-product attention does besides softmax(q·k)·v.</summary>
public sealed record AttentionOptions
{
    /// <summary>Nothing besides.</summary>
    public static AttentionOptions Default { get; } = new();

    /// <summary>Which query may attend to which key.</summary>
    public AttentionMask Mask { get; init; } = AttentionMask.None;

    /// <summary>
    /// Added to the scores after the softcap, floating point: [T, S], or of the query's number of dimensions
    /// ([B, H, T, S] or [B, T, S]); a size of 1 serves all. −∞ hides as the mask does. Differentiable.
    /// </summary>
    public Tensor? Bias { get; init; }

    /// <summary>Factor on the scores; null stands for 1/√E.</summary>
    public double? Scale { get; init; }

    /// <summary>c in c·tanh(score/c), which keeps scores between −c and c; 0 leaves them alone.</summary>
    public double Softcap { get; init; }

    /// <summary>The share of weights to drop at random. Applied whenever it isn't 0: modules pass 0 when not training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether to return the weights, as they are before dropout.</summary>
    public bool NeedWeights { get; init; }

    /// <summary>Whether the weights are averaged over the heads, [B, T, S], which takes less memory.</summary>
    public bool AverageWeights { get; init; }

    /// <summary>The path to take; null lets <see cref="AttentionPlanner"/> choose.</summary>
    public AttentionPath? Path { get; init; }

    /// <summary>What the weights add to the output besides the values, after dropout, [B, H, T, S] to [B, H, T, V]; on the explicit path.</summary>
    internal Func<Tensor, Tensor>? FromWeights { get; init; }

    /// <summary>How the block path cuts the matrix; null: by size. For tests, which have no large matrices.</summary>
    internal BlockPlan? Blocks { get; init; }
}
