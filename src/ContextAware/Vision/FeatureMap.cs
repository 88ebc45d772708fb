using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>The sizes of a feature map <c>[B,C,H,W]</c>, checked.</summary>
internal readonly record struct FeatureMap(long Batch, long Channels, long Height, long Width)
{
    /// <summary>N = H · W.</summary>
    public long Places => Height * Width;

    /// <summary>Checks <c>[B,C,H,W]</c> of a number of channels, null for any, of the dtype and on the device of a parameter.</summary>
    public static FeatureMap Of(Tensor input, long? channels, Tensor? parameter = null, string name = "input")
    {
        ArgumentNullException.ThrowIfNull(input, name);
        var shape = input.shape;
        if (shape.Length != 4 || (channels is { } expected && shape[1] != expected) || shape[2] == 0 || shape[3] == 0)
            throw new ArgumentException($"Expected {name} of shape [B,{channels?.ToString() ?? "C"},H,W] with H and W positive, got {ShapeText.Compact(shape)}.", name);
        if (parameter is not null)
            ScoreShape.CheckAlike(name, input, "the module", parameter, name);
        else if (!is_floating_point(input))
            throw new ArgumentException($"Expected {name} of a floating-point type, got {input.dtype}.", name);
        return new(shape[0], shape[1], shape[2], shape[3]);
    }

    /// <summary>The places as tokens: <c>[B,C,H,W]</c> to <c>[B,N,C]</c>, row by row.</summary>
    public static Tensor ToTokens(Tensor input) => input.flatten(2).transpose(1, 2);

    /// <summary>The tokens <c>[B,N,C]</c> as a map <c>[B,C,H,W]</c> of these sizes.</summary>
    public Tensor FromTokens(Tensor tokens) => tokens.transpose(1, 2).unflatten(2, Height, Width);

    /// <summary>The channels left by a reduction: C / r, rounded down.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or nothing is left.</exception>
    public static long Reduced(long channels, long reduction)
    {
        ScoreShape.Positive(channels, nameof(channels));
        ScoreShape.Positive(reduction, nameof(reduction));
        if (reduction > channels)
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, $"Expected at most the {channels} channels, got {reduction}.");
        return channels / reduction;
    }

    /// <summary>The width of a kernel, which must be odd so that a map keeps its size.</summary>
    public static long OddKernel(long kernel, string name = "kernel")
    {
        if (kernel <= 0 || kernel % 2 == 0)
            throw new ArgumentOutOfRangeException(name, kernel, $"Expected an odd positive width, got {kernel}.");
        return kernel;
    }
}
