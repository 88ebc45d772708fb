using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Weighs channels by their means and maxima, the first half of CBAM: Woo et al. 2018, "CBAM" (arXiv 1807.06521).
/// </summary>
/// <remarks>
/// M_c(F) = σ(MLP(AvgPool(F)) + MLP(MaxPool(F))), MLP(z) = W₁ ReLU(W₀ z) (eq. 2); F' = M_c(F) ⊗ F (eq. 1).
/// Shapes: B batch, C channels, H height, W width, r reduction. Parameters as in the usual Python implementations:
/// <c>se.0.weight</c> <c>[C/r,C,1,1]</c> and <c>se.2.weight</c> <c>[C,C/r,1,1]</c>, without biases.
/// </remarks>
public sealed class ChannelAttention : nn.Module<Tensor, Tensor>
{
    private readonly long channels;

    [ComponentName(Name = "se")]
    private readonly Sequential perceptron;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r; 16 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or r is greater than C.</exception>
    public ChannelAttention(long channels, long reduction = 16) : base(nameof(ChannelAttention))
    {
        var hidden = FeatureMap.Reduced(channels, reduction);
        this.channels = channels;
        perceptron = nn.Sequential(
            nn.Conv2d(channels, hidden, 1L, bias: false), nn.ReLU(), nn.Conv2d(hidden, channels, 1L, bias: false));
        RegisterComponents();
    }

    /// <summary>F', the map with weighed channels.</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (input * Weights(input)).MoveToOuterDisposeScope();
    }

    /// <summary>M_c(F), what each channel is multiplied by.</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,1,1]</c>, from 0 to 1.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public Tensor Weights(Tensor input)
    {
        FeatureMap.Of(input, channels, ((Conv2d)perceptron[0]).weight);
        using var scope = NewDisposeScope();
        var means = Pooling.Mean(input, 2, 3);                                       // [B,C,1,1]
        var (maxima, _) = input.flatten(2).max(2L);                                  // [B,C]
        var both = perceptron.call(cat([means, maxima.view_as(means)]));             // [2B,C,1,1]
        var halves = both.chunk(2, 0);
        return (halves[0] + halves[1]).sigmoid().MoveToOuterDisposeScope();
    }
}
