using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Weighs channels by their neighbours' means, with a handful of parameters: Wang et al. 2020, "ECA-Net" (arXiv 1910.03151).
/// </summary>
/// <remarks>
/// ω = σ(C1D_k(z)) (eq. 7), where z holds the channels' means and C1D is a convolution of width k along the channels;
/// k = |log₂ C / γ + b / γ| made odd, with γ = 2 and b = 1 (eq. 12).
/// Shapes: B batch, C channels, H height, W width. One parameter, <c>conv.weight</c> <c>[1,1,k]</c>, as in the authors' program.
/// </remarks>
public sealed class EfficientChannelAttention : nn.Module<Tensor, Tensor>
{
    private readonly long channels;

    [ComponentName(Name = "conv")]
    private readonly Conv1d convolution;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="kernel">k, odd; null: by eq. 12.</param>
    /// <exception cref="ArgumentOutOfRangeException">C is not positive, or k is not odd and positive.</exception>
    public EfficientChannelAttention(long channels, long? kernel = null) : base(nameof(EfficientChannelAttention))
    {
        Kernel = FeatureMap.OddKernel(kernel ?? AdaptiveKernel(channels), nameof(kernel));
        this.channels = channels;
        convolution = nn.Conv1d(1, 1, Kernel, padding: Kernel / 2, bias: false);
        RegisterComponents();
    }

    /// <summary>k.</summary>
    public long Kernel { get; }

    /// <summary>k for a number of channels, by eq. 12.</summary>
    /// <exception cref="ArgumentOutOfRangeException">C is not positive.</exception>
    public static long AdaptiveKernel(long channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        var nearest = (long)Math.Abs((Math.Log2(channels) + 1) / 2);
        return nearest % 2 == 1 ? nearest : nearest + 1;
    }

    /// <summary>Weighs the channels.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (input * Weights(input)).MoveToOuterDisposeScope();
    }

    /// <summary>ω, what each channel is multiplied by.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,1,1]</c>, from 0 to 1.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public Tensor Weights(Tensor input)
    {
        FeatureMap.Of(input, channels, convolution.weight);
        using var scope = NewDisposeScope();
        var means = Pooling.Mean(input, 2, 3).view(-1, 1, channels);                 // [B,1,C]
        return convolution.call(means).sigmoid().view(-1, channels, 1, 1).MoveToOuterDisposeScope();
    }
}
