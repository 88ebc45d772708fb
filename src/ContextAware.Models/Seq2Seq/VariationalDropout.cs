using ContextAware.Attention;
using ContextAware.Randomness;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// Dropout that drops the same numbers at all positions of a sequence: Gal and Ghahramani 2016 (arXiv 1512.05287), section 4.
/// </summary>
/// <remarks>Shapes: B batch, S length, W width.</remarks>
public sealed class VariationalDropout : nn.Module<Tensor, Tensor>
{
    private readonly double dropout;

    /// <summary>Makes the module.</summary>
    /// <param name="dropout">The share that is dropped in training.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not in [0, 1).</exception>
    public VariationalDropout(double dropout)
        : base(nameof(VariationalDropout))
    {
        this.dropout = DropoutShare.CheckBelowOne(dropout);
        RegisterComponents();
    }

    /// <summary>Drops.</summary>
    /// <param name="input"><c>[B,S,W]</c>.</param>
    /// <returns><c>[B,S,W]</c>; in eval mode the same numbers in another tensor.</returns>
    /// <exception cref="ArgumentException">The input does not have three dimensions.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var shape = input.shape;
        if (shape.Length != 3) throw new ArgumentException($"Expected [B,S,W], got {ShapeText.Compact(shape)}.", nameof(input));
        if (!training || dropout == 0) return input.alias();
        using var scope = NewDisposeScope();
        var kept = DropoutMask.Apply(input.new_ones(shape[0], 1, shape[2]), dropout);   // [B,1,W]: 0 or 1/(1 − p)
        return (input * kept).MoveToOuterDisposeScope();
    }
}
