using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>Channel attention, then spatial attention: CBAM, Woo et al. 2018 (arXiv 1807.06521).</summary>
/// <remarks>
/// F' = M_c(F) ⊗ F, F'' = M_s(F') ⊗ F' (eq. 1), see <see cref="ChannelAttention"/> and <see cref="SpatialAttention"/>, whose
/// parameters are below <c>ca</c> and <c>sa</c>. A residual connection is the surrounding network's, as in the paper.
/// Shapes: B batch, C channels, H height, W width.
/// </remarks>
public sealed class ConvBlockAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "ca")]
    private readonly ChannelAttention channelAttention;

    [ComponentName(Name = "sa")]
    private readonly SpatialAttention spatialAttention;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r of the channels; 16 in the paper.</param>
    /// <param name="kernel">The width of the spatial kernel, odd; 7 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, r is greater than C, or the kernel is even.</exception>
    public ConvBlockAttention(long channels, long reduction = 16, long kernel = 7) : base(nameof(ConvBlockAttention))
    {
        channelAttention = new(channels, reduction);
        spatialAttention = new(kernel);
        RegisterComponents();
    }

    /// <summary>F''.</summary>
    /// <param name="input">F <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return spatialAttention.call(channelAttention.call(input)).MoveToOuterDisposeScope();
    }
}
