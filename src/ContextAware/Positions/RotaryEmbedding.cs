using ContextAware.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>
/// Turns pairs of components of queries and keys by angles proportional to the position, so that their product depends on
/// the distance of the positions only.
/// </summary>
/// <remarks>
/// Su et al. 2021, "RoFormer: enhanced transformer with rotary position embedding", equations 15 and 34: the pair i at
/// position m is turned by m·θ_i, with θ_i = base^(-2i/R). There are no parameters, and the tables are in no state dict.
/// One object may serve all layers: the turn of a single position, as in a decoding step, is a matrix that is made once and
/// kept until another position is asked for.
/// </remarks>
public sealed class RotaryEmbedding : nn.Module<Tensor, long, Tensor>, IPositionTransform
{
    private static readonly Scalar One = 1;

    private readonly PositionTables tables;
    private readonly RotaryStep step;

    /// <summary>Makes an embedding for heads of one width.</summary>
    /// <param name="headWidth">E, the width of a head.</param>
    /// <param name="period">The base of the wave lengths.</param>
    /// <param name="layout">Which components make a pair. It must be the one that the weights were trained with.</param>
    /// <param name="rotaryWidth">R: only the first R components are turned; E when absent.</param>
    /// <param name="scaling">How the frequencies are changed for longer sequences.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or R is above E.</exception>
    /// <exception cref="ArgumentException">R is odd.</exception>
    public RotaryEmbedding(
        long headWidth, double period = 10_000, PairLayout layout = PairLayout.Halves, long? rotaryWidth = null, RotaryScaling? scaling = null)
        : base(nameof(RotaryEmbedding))
    {
        var rotated = rotaryWidth ?? headWidth;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rotated, nameof(rotaryWidth));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rotated, headWidth, nameof(rotaryWidth));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, 1);
        if (rotated % 2 != 0)
            throw new ArgumentException($"Components are turned in pairs; {rotated} is odd.", rotaryWidth is null ? nameof(headWidth) : nameof(rotaryWidth));
        (HeadWidth, RotaryWidth, Layout) = (headWidth, rotated, layout);
        var frequencies = scaling?.Frequencies(rotated, period) ?? Frequencies.Geometric(rotated, period);
        var magnitude = scaling?.Magnitude ?? 1;
        tables = new PositionTables(length =>
        {
            var angles = Frequencies.Angles(length, frequencies);    // [L, R/2]
            var spread = Spread(angles.cos() * magnitude, angles.sin() * magnitude);
            return [spread.Cos, spread.Sin];                         // [L, R] each
        });
        step = new RotaryStep(this);
        RegisterComponents();
    }

    /// <summary>E, the width of a head.</summary>
    public long HeadWidth { get; }

    /// <summary>R: the first R components are turned, the others pass.</summary>
    public long RotaryWidth { get; }

    /// <summary>Which components make a pair.</summary>
    public PairLayout Layout { get; }

    /// <summary>Turns heads at positions <paramref name="offset"/> to offset + T.</summary>
    /// <param name="heads">[B, H, T, E], or any number of dimensions before T.</param>
    /// <param name="offset">The position of the first vector, as after a cached past.</param>
    /// <returns>The turned heads, of the same shape and type.</returns>
    /// <exception cref="ArgumentException">The last dimension is not E.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    public override Tensor forward(Tensor heads, long offset)
    {
        var length = PositionChecks.Length(heads, HeadWidth);
        if (length == 1 && RotaryWidth == HeadWidth)
            return heads.matmul(step.Matrix(offset, heads.dtype, heads.device));
        using var scope = NewDisposeScope();
        return Rotate(heads, Angles(offset, length, heads.dtype, heads.device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor TransformQuery(Tensor query, long offset) => call(query, offset);

    /// <inheritdoc/>
    public Tensor TransformKey(Tensor key, long offset) => call(key, offset);

    /// <inheritdoc/>
    public Tensor TransformQueryAt(Tensor query, Tensor ids) => ForwardAt(query, ids);

    /// <inheritdoc/>
    public Tensor TransformKeyAt(Tensor key, Tensor ids) => ForwardAt(key, ids);

    /// <summary>Turns heads at positions of their own. A GPU is waited for: the largest id is read.</summary>
    /// <inheritdoc cref="forward(Tensor, long)"/>
    /// <param name="heads">[B, H, T, E].</param>
    /// <param name="ids">int64 [B, T] or [T], none negative.</param>
    public Tensor ForwardAt(Tensor heads, Tensor ids)
    {
        PositionChecks.Ids(ids, PositionChecks.Length(heads, HeadWidth), heads);
        if (ids.ndim == 2 && heads.ndim != 4)
            throw new ArgumentException($"Expected [B, H, T, {HeadWidth}] for ids of a batch, got {ShapeText.Of(heads)}.", nameof(heads));
        using var scope = NewDisposeScope();
        return Rotate(heads, Angles(ids, heads.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>The angles of positions <paramref name="offset"/> to offset + length. The tensors are views of the tables.</summary>
    /// <param name="offset">The first position.</param>
    /// <param name="length">T, how many positions.</param>
    /// <param name="type">The element type of the heads.</param>
    /// <param name="device">The device of the heads.</param>
    /// <returns>[T, R] each.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset or the length is negative.</exception>
    public RotaryAngles Angles(long offset, long length, ScalarType type, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentNullException.ThrowIfNull(device);
        var rows = tables.Rows(offset, length, type, device);
        return new RotaryAngles(rows[0], rows[1]);
    }

    /// <summary>The angles of given positions. A GPU is waited for: the largest id is read.</summary>
    /// <param name="ids">int64 [B, T] or [T], none negative.</param>
    /// <param name="type">The element type of the heads.</param>
    /// <returns>[B, 1, T, R] or [T, R] each.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public RotaryAngles Angles(Tensor ids, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var scope = NewDisposeScope();
        var rows = tables.Rows(ids, type);
        return Keep(OverHeads(new RotaryAngles(rows[0], rows[1])));
    }

    /// <summary>Angles from somebody else's tables.</summary>
    /// <param name="cos">[T, R/2] or [B, T, R/2]: one cosine for each pair.</param>
    /// <param name="sin">The sines, of the same shape.</param>
    /// <returns>[T, R] or [B, 1, T, R] each.</returns>
    /// <exception cref="ArgumentException">The shapes differ, or their last dimension is not R/2.</exception>
    public RotaryAngles Angles(Tensor cos, Tensor sin)
    {
        PositionChecks.Length(cos, RotaryWidth / 2);
        if (!sin.shape.AsSpan().SequenceEqual(cos.shape))
            throw new ArgumentException($"Expected the cosines' shape {ShapeText.Of(cos)}, got {ShapeText.Of(sin)}.", nameof(sin));
        using var scope = NewDisposeScope();
        return Keep(OverHeads(Spread(cos, sin)));
    }

    /// <summary>Turns heads by angles that were made before.</summary>
    /// <param name="heads">[B, H, T, E].</param>
    /// <param name="angles">Of the same T, type and device.</param>
    /// <returns>The turned heads, of the same shape and type.</returns>
    public Tensor Rotate(Tensor heads, RotaryAngles angles)
    {
        using var scope = NewDisposeScope();
        if (RotaryWidth == HeadWidth)
            return Turn(heads, Partners(heads), angles).MoveToOuterDisposeScope();
        var first = heads.narrow(-1, 0, RotaryWidth);                                    // [B, H, T, R]
        var turned = Turn(first, Partners(first), angles);
        var passed = heads.narrow(-1, RotaryWidth, HeadWidth - RotaryWidth);             // [B, H, T, E-R]
        return cat([turned, passed], -1).MoveToOuterDisposeScope();                      // [B, H, T, E]
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            tables.Dispose();
            step.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>x·cos + partner(x)·(±sin)</summary>
    internal static Tensor Turn(Tensor heads, Tensor partners, RotaryAngles angles) =>
        heads.mul(angles.Cos).addcmul_(partners, angles.Sin, One);

    /// <summary>Each component's place is taken by the other of its pair.</summary>
    // (roll, flip and index_select say it in one word, and take up to ten times as long.)
    internal Tensor Partners(Tensor heads) => Layout == PairLayout.Halves
        ? cat([heads.narrow(-1, RotaryWidth / 2, RotaryWidth / 2), heads.narrow(-1, 0, RotaryWidth / 2)], -1)
        : stack([heads.slice(-1, 1, RotaryWidth, 2), heads.slice(-1, 0, RotaryWidth, 2)], -1).flatten(-2);

    private RotaryAngles Spread(Tensor cos, Tensor sin) => Layout == PairLayout.Halves
        ? new(cat([cos, cos], -1), cat([-sin, sin], -1))
        : new(stack([cos, cos], -1).flatten(-2), stack([-sin, sin], -1).flatten(-2));

    // A batch of angles, [B, T, R], is the same for all heads.
    private static RotaryAngles OverHeads(RotaryAngles angles) => angles.Cos.ndim == 2
        ? angles
        : new(angles.Cos.unsqueeze(1), angles.Sin.unsqueeze(1));

    private static RotaryAngles Keep(RotaryAngles angles) =>
        new(angles.Cos.MoveToOuterDisposeScope(), angles.Sin.MoveToOuterDisposeScope());
}
