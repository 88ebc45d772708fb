using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>Appends row and column, from −1 to 1, as two more channels: Liu et al. 2018, "CoordConv" (arXiv 1807.03247).</summary>
public sealed class CoordinateChannels : nn.Module<Tensor, Tensor>
{
    /// <summary>Makes the module. It has no parameters.</summary>
    public CoordinateChannels() : base(nameof(CoordinateChannels)) => RegisterComponents();

    /// <summary>Appends the coordinates.</summary>
    /// <param name="input"><c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C+2,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">The input is no such map.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.shape is not [var batch, _, var height, var width])
            throw new ArgumentException($"Expected [B,C,H,W], got {ShapeText.Compact(input)}.", nameof(input));
        using var scope = NewDisposeScope();
        var rows = Steps(height, input).view(1, 1, height, 1).expand(batch, 1, height, width);
        var columns = Steps(width, input).view(1, 1, 1, width).expand(batch, 1, height, width);
        return cat([input, rows, columns], 1).MoveToOuterDisposeScope();
    }

    // The middle of a line of one place is 0.
    private static Tensor Steps(long count, Tensor like) =>
        tensor(Enumerable.Range(0, (int)count).Select(i => count == 1 ? 0.0 : (2.0 * i / (count - 1)) - 1).ToArray()).to(like.dtype, like.device);
}
