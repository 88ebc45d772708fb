using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>The size of the pictures that a model takes.</summary>
/// <param name="Channels">1 for grey, 3 for colour.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
public sealed record PictureSize(long Channels, long Height, long Width)
{
    /// <summary>Checks that no size is zero or less.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is.</exception>
    internal void CheckPositive(string argument)
    {
        if (Channels <= 0 || Height <= 0 || Width <= 0)
            throw new ArgumentOutOfRangeException(argument, this, "Expected a picture size of positive numbers.");
    }

    /// <summary>Checks that pictures are of this size.</summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException">They are of another, or not of a floating-point type.</exception>
    internal long Check(Tensor pictures, string argument)
    {
        ArgumentNullException.ThrowIfNull(pictures, argument);
        var shape = pictures.shape;
        if (shape.Length != 4 || shape[1] != Channels || shape[2] != Height || shape[3] != Width)
            throw new ArgumentException($"Expected pictures [B,{Channels},{Height},{Width}], got {ShapeText.Compact(shape)}.", argument);
        if (!is_floating_point(pictures))
            throw new ArgumentException($"Expected pictures of a floating-point type, got {pictures.dtype}.", argument);
        return shape[0];
    }
}
