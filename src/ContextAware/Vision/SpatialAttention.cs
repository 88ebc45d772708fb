using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Weighs places by the mean and maximum of their channels, the second half of CBAM: Woo et al. 2018, "CBAM" (arXiv 1807.06521).
/// </summary>
/// <remarks>
/// M_s(F) = σ(f^{7×7}([MaxPool(F); AvgPool(F)])), pooled over the channels (eq. 3); F' = M_s(F) ⊗ F (eq. 1). The maximum
/// is the first channel of the convolution, as in the authors' program, where the paper writes it second.
/// Shapes: B batch, C channels, H height, W width. Parameters as in the usual Python implementations: <c>conv.weight</c>
/// <c>[1,2,k,k]</c> and <c>conv.bias</c> <c>[1]</c>.
/// </remarks>
public sealed class SpatialAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv")]
    private readonly Conv2d convolution;

    /// <summary>Makes the block, for any number of channels.</summary>
    /// <param name="kernel">k, odd; 7 in the paper.</param>
    /// <param name="bias">Whether the convolution has a bias.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not odd and positive.</exception>
    public SpatialAttention(long kernel = 7, bool bias = true) : base(nameof(SpatialAttention))
    {
        FeatureMap.OddKernel(kernel);
        convolution = nn.Conv2d(2, 1, kernel, padding: kernel / 2, bias: bias);
        RegisterComponents();
    }

    /// <summary>F', the map with weighed places.</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (input * Weights(input)).MoveToOuterDisposeScope();
    }

    /// <summary>M_s(F), what each place is multiplied by.</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,1,H,W]</c>, from 0 to 1.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit, or there is no channel.</exception>
    public Tensor Weights(Tensor input)
    {
        var map = FeatureMap.Of(input, null, convolution.weight);
        if (map.Channels == 0)
            throw new ArgumentException("Expected input with at least one channel, got 0.", nameof(input));
        using var scope = NewDisposeScope();
        var (maxima, _) = input.max(1L, keepdim: true);                              // [B,1,H,W]
        var pooled = cat([maxima, Pooling.Mean(input, 1)], 1);                       // [B,2,H,W]
        return convolution.call(pooled).sigmoid().MoveToOuterDisposeScope();
    }
}
