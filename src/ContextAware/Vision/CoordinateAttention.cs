using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>
/// Weighs channels row by row and column by column: Hou et al. 2021, "Coordinate attention" (arXiv 2103.02907).
/// </summary>
/// <remarks>
/// z^h and z^w are the means along the width and along the height (eq. 4, 5); f = δ(BN(F₁([z^h; z^w]))) (eq. 6), cut in two again;
/// g^h = σ(F_h(f^h)), g^w = σ(F_w(f^w)) (eq. 7, 8); y(i,j) = x(i,j) · g^h(i) · g^w(j) (eq. 9). δ is the hard swish.
/// Shapes: B batch, C channels, H height, W width, M = max(8, C / r). Parameters as in the authors' program: <c>conv1</c>
/// <c>[M,C,1,1]</c>, <c>bn1</c>, <c>conv_h</c> and <c>conv_w</c> <c>[C,M,1,1]</c>.
/// </remarks>
public sealed class CoordinateAttention : nn.Module<Tensor, Tensor>
{
    private const long FewestHidden = 8;

    private readonly long channels;

    [ComponentName(Name = "conv1")]
    private readonly Conv2d shared;

    [ComponentName(Name = "bn1")]
    private readonly BatchNorm2d norm;

    [ComponentName(Name = "conv_h")]
    private readonly Conv2d ofRows;

    [ComponentName(Name = "conv_w")]
    private readonly Conv2d ofColumns;

    /// <summary>Makes the block.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r; 32 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public CoordinateAttention(long channels, long reduction = 32) : base(nameof(CoordinateAttention))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(reduction);
        this.channels = channels;
        var hidden = Math.Max(FewestHidden, channels / reduction);
        shared = nn.Conv2d(channels, hidden, 1L);
        norm = nn.BatchNorm2d(hidden);
        ofRows = nn.Conv2d(hidden, channels, 1L);
        ofColumns = nn.Conv2d(hidden, channels, 1L);
        RegisterComponents();
    }

    /// <summary>y.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,W]</c>.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = Weights(input);
        return (input * rows * columns).MoveToOuterDisposeScope();
    }

    /// <summary>g^h and g^w, what each row and each column of a channel is multiplied by.</summary>
    /// <param name="input">x <c>[B,C,H,W]</c>.</param>
    /// <returns><c>[B,C,H,1]</c> and <c>[B,C,1,W]</c>, from 0 to 1.</returns>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public (Tensor Rows, Tensor Columns) Weights(Tensor input)
    {
        var map = FeatureMap.Of(input, channels, shared.weight);
        using var scope = NewDisposeScope();
        var rows = Pooling.Mean(input, 3);                                           // [B,C,H,1]
        var columns = Pooling.Mean(input, 2).transpose(2, 3);                        // [B,C,W,1]
        var mixed = nn.functional.hardswish(norm.call(shared.call(cat([rows, columns], 2))));      // [B,M,H+W,1]
        rows = ofRows.call(mixed.narrow(2, 0, map.Height)).sigmoid();                // [B,C,H,1]
        columns = ofColumns.call(mixed.narrow(2, map.Height, map.Width)).sigmoid().transpose(2, 3);        // [B,C,1,W]
        return (rows.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }
}
