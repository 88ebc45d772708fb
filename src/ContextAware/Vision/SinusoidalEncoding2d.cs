using ContextAware.Positions;
using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>Adds fixed sines and cosines of row and column to a feature map.</summary>
/// <remarks>
/// The first half of the channels tells the row, the second the column, each as <see cref="SinusoidalEncoding"/> tells a
/// position: Parmar et al. 2018, "Image transformer", section 3.1; Carion et al. 2020, "DETR" (arXiv 2005.12872), appendix A.4.
/// There are no parameters. Shapes: B batch, C channels, H height, W width.
/// </remarks>
public sealed class SinusoidalEncoding2d : nn.Module<Tensor, Tensor>
{
    private readonly long channels;
    private readonly PositionTables tables;

    /// <summary>Makes an encoding.</summary>
    /// <param name="channels">C, even.</param>
    /// <param name="period">The base of the wave lengths, which run from 2π to about 2π · period.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or C is odd.</exception>
    public SinusoidalEncoding2d(long channels, double period = 10_000) : base(nameof(SinusoidalEncoding2d))
    {
        if (ScoreShape.Positive(channels, nameof(channels)) % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(channels), channels, $"Expected an even number of channels, got {channels}.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(period);
        this.channels = channels;
        tables = SinusoidalEncoding.Tables(channels / 2, period, PairLayout.Interleaved);
        RegisterComponents();
    }

    /// <summary>Adds the encoding.</summary>
    /// <param name="input"><c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">The input is no such map, or not of a floating-point type.</exception>
    public override Tensor forward(Tensor input)
    {
        var map = FeatureMap.Of(input, channels);
        using var scope = NewDisposeScope();
        var half = channels / 2;
        var (type, device) = (input.dtype, input.device);
        var rows = tables.Rows(0, map.Height, type, device)[0].t().unsqueeze(2).expand(half, map.Height, map.Width);
        var columns = tables.Rows(0, map.Width, type, device)[0].t().unsqueeze(1).expand(half, map.Height, map.Width);
        return (input + cat([rows, columns])).MoveToOuterDisposeScope();             // [C,H,W] to each picture
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            tables.Dispose();
        base.Dispose(disposing);
    }
}
