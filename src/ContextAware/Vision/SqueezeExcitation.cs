using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Weighs channels by what the whole map holds: Hu et al. 2018, "Squeeze-and-excitation networks" (arXiv 1709.01507).
/// </summary>
/// <remarks>
/// z_c = mean of channel c (eq. 2), s = σ(W₂ ReLU(W₁ z)) (eq. 3), x̃_c = s_c · x_c (eq. 4).
/// Shapes: B batch, C channels, H height, W width, r reduction. Parameters as in the usual Python implementations:
/// <c>fc.0.weight</c> <c>[C/r,C]</c> and <c>fc.2.weight</c> <c>[C,C/r]</c>, without biases.
/// </remarks>
public sealed class SqueezeExcitation : nn.Module<Tensor, Tensor>
{
    private readonly long channels;

    [ComponentName(Name = "fc")]
    private readonly Sequential excitation;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r; 16 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or r is greater than C.</exception>
    public SqueezeExcitation(long channels, long reduction = 16) : base(nameof(SqueezeExcitation))
    {
        var hidden = FeatureMap.Reduced(channels, reduction);
        this.channels = channels;
        excitation = nn.Sequential(
            nn.Linear(channels, hidden, hasBias: false), nn.ReLU(), nn.Linear(hidden, channels, hasBias: false), nn.Sigmoid());
        RegisterComponents();
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

    /// <summary>s, what each channel is multiplied by.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,1,1]</c>, from 0 to 1.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public Tensor Weights(Tensor input)
    {
        FeatureMap.Of(input, channels, ((Linear)excitation[0]).weight);
        using var scope = NewDisposeScope();
        var squeezed = Pooling.Mean(input, 2, 3).flatten(1);                         // [B,C]
        return excitation.call(squeezed).unsqueeze(-1).unsqueeze(-1).MoveToOuterDisposeScope();
    }
}
