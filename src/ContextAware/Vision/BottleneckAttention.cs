using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Channel and spatial attention side by side, for the bottlenecks of a network: Park et al. 2018, "BAM" (arXiv 1807.06514).
/// </summary>
/// <remarks>
/// F' = F + F ⊗ M(F) (eq. 1), M(F) = σ(M_c(F) + M_s(F)) (eq. 2); M_c(F) = W₁ ReLU(BN(W₀ AvgPool(F) + b₀)) + b₁ (eq. 3),
/// M_s(F) = f₃^{1×1}(f₂^{3×3}(f₁^{3×3}(f₀^{1×1}(F)))) (eq. 4), the 3×3 dilated by d and all but the last followed by batch norm
/// and ReLU. Layers, norms and names are the authors' program's (<c>channel_att.gate_c.…</c>, <c>spatial_att.gate_s.…</c>);
/// the sum of the branches is the paper's, where that program multiplies them.
/// Shapes: B batch, C channels, H height, W width, r reduction. In training a batch needs two pictures at least.
/// </remarks>
public sealed class BottleneckAttention : nn.Module<Tensor, Tensor>
{
    private readonly long channels;

    [ComponentName(Name = "channel_att")]
    private readonly Sequential channelBranch;

    [ComponentName(Name = "spatial_att")]
    private readonly Sequential spatialBranch;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r; 16 in the paper.</param>
    /// <param name="dilation">d; 4 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or r is greater than C.</exception>
    public BottleneckAttention(long channels, long reduction = 16, long dilation = 4) : base(nameof(BottleneckAttention))
    {
        var hidden = FeatureMap.Reduced(channels, reduction);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dilation);
        this.channels = channels;
        channelBranch = nn.Sequential(("gate_c", nn.Sequential(
            ("gate_c_fc_0", nn.Linear(channels, hidden)),
            ("gate_c_bn_1", nn.BatchNorm1d(hidden)),
            ("gate_c_relu_1", nn.ReLU()),
            ("gate_c_fc_final", nn.Linear(hidden, channels)))));
        spatialBranch = nn.Sequential(("gate_s", nn.Sequential(
            ("gate_s_conv_reduce0", nn.Conv2d(channels, hidden, 1L)),
            ("gate_s_bn_reduce0", nn.BatchNorm2d(hidden)),
            ("gate_s_relu_reduce0", nn.ReLU()),
            ("gate_s_conv_di_0", nn.Conv2d(hidden, hidden, 3L, padding: dilation, dilation: dilation)),
            ("gate_s_bn_di_0", nn.BatchNorm2d(hidden)),
            ("gate_s_relu_di_0", nn.ReLU()),
            ("gate_s_conv_di_1", nn.Conv2d(hidden, hidden, 3L, padding: dilation, dilation: dilation)),
            ("gate_s_bn_di_1", nn.BatchNorm2d(hidden)),
            ("gate_s_relu_di_1", nn.ReLU()),
            ("gate_s_conv_final", nn.Conv2d(hidden, 1, 1L)))));
        RegisterComponents();
    }

    /// <summary>F'.</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.addcmul(input, Weights(input), 1).MoveToOuterDisposeScope();
    }

    /// <summary>M(F).</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>, from 0 to 1.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public Tensor Weights(Tensor input)
    {
        FeatureMap.Of(input, channels, ((Linear)((Sequential)channelBranch[0])[0]).weight);
        using var scope = NewDisposeScope();
        var channel = channelBranch.call(Pooling.Mean(input, 2, 3).flatten(1));      // [B,C]
        var spatial = spatialBranch.call(input);                                     // [B,1,H,W]
        return (channel.unsqueeze(-1).unsqueeze(-1) + spatial).sigmoid().MoveToOuterDisposeScope();
    }
}
