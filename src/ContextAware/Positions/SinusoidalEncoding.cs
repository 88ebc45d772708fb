using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>Adds fixed sines and cosines of the position to a sequence of vectors.</summary>
/// <remarks>
/// Vaswani et al. 2017, "Attention is all you need", section 3.5:
/// PE(pos, 2i) = sin(pos / 10000^(2i/D)), PE(pos, 2i+1) = cos(pos / 10000^(2i/D)).
/// An odd width ends with a sine. There are no parameters, and the table is in no state dict.
/// </remarks>
public sealed class SinusoidalEncoding : nn.Module<Tensor, Tensor>
{
    private readonly PositionTables tables;

    /// <summary>Makes an encoding of vectors of one width.</summary>
    /// <param name="width">D, the width of the vectors.</param>
    /// <param name="period">The base of the wave lengths, which run from 2π to about 2π · period.</param>
    /// <param name="layout">Whether sines and cosines alternate, as in the paper, or come as two halves.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width or the period is not positive.</exception>
    /// <exception cref="ArgumentException">The width is odd and the layout has halves.</exception>
    public SinusoidalEncoding(long width, double period = 10_000, PairLayout layout = PairLayout.Interleaved)
        : base(nameof(SinusoidalEncoding))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(period);
        if (layout == PairLayout.Halves && width % 2 != 0)
            throw new ArgumentException($"Two halves need an even width, not {width}.", nameof(width));
        Width = width;
        tables = Tables(width, period, layout);
        RegisterComponents();
    }

    /// <summary>D, the width of the vectors.</summary>
    public long Width { get; }

    /// <summary>Adds the encoding of positions 0 to T.</summary>
    /// <param name="input">[B, T, D], or any number of dimensions before T.</param>
    /// <returns>The sum, of the input's shape and type.</returns>
    /// <exception cref="ArgumentException">The last dimension is not D.</exception>
    public override Tensor forward(Tensor input) => forward(input, 0);

    /// <summary>Adds the encoding of positions <paramref name="offset"/> to offset + T.</summary>
    /// <inheritdoc cref="forward(Tensor)"/>
    /// <param name="input">[B, T, D], or any number of dimensions before T.</param>
    /// <param name="offset">The position of the first vector, as after a cached past.</param>
    public Tensor forward(Tensor input, long offset)
    {
        var length = PositionChecks.Length(input, Width);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using var scope = NewDisposeScope();
        return (input + tables.Rows(offset, length, input.dtype, input.device)[0]).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the encoding of each vector's own position. A GPU is waited for: the largest id is read.</summary>
    /// <inheritdoc cref="forward(Tensor)"/>
    /// <param name="input">[B, T, D].</param>
    /// <param name="ids">int64 [B, T] or [T], none negative.</param>
    public Tensor ForwardAt(Tensor input, Tensor ids)
    {
        PositionChecks.Ids(ids, PositionChecks.Length(input, Width), input);
        using var scope = NewDisposeScope();
        return (input + tables.Rows(ids, input.dtype)[0]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            tables.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The encodings of positions, a row each, made as they are asked for.</summary>
    internal static PositionTables Tables(long width, double period, PairLayout layout)
    {
        var frequencies = Frequencies.Geometric(width, period);
        return new(length => [Build(length, width, frequencies, layout)]);
    }

    private static Tensor Build(long length, long width, double[] frequencies, PairLayout layout)
    {
        var angles = Frequencies.Angles(length, frequencies);           // [L, ⌈D/2⌉]
        return layout == PairLayout.Halves
            ? cat([angles.sin(), angles.cos()], -1)                     // [L, D]
            : stack([angles.sin(), angles.cos()], -1).flatten(1).narrow(1, 0, width).contiguous(); // [L, D]
    }
}
