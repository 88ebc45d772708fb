namespace ContextAware.Visualization;

/// <summary>A picture and what was looked at in it, step by step: what <see cref="PictureRenderer"/> draws.</summary>
/// <remarks>Plain numbers: copy a tensor's data out first.</remarks>
public sealed class PictureMap
{
    /// <summary>A picture with its steps.</summary>
    /// <param name="pixels">Row by row, the colours of a pixel side by side, 0 to 255: height · width · channels bytes.</param>
    /// <param name="height">Rows of pixels.</param>
    /// <param name="width">Columns of pixels.</param>
    /// <param name="channels">1 for grey, 3 for red, green and blue.</param>
    /// <param name="steps">The steps, in order; there may be none.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or there are neither 1 nor 3 channels.</exception>
    /// <exception cref="ArgumentException">Another number of bytes, or weights that are empty, negative, NaN or infinite.</exception>
    public PictureMap(ReadOnlySpan<byte> pixels, int height, int width, int channels, IReadOnlyList<PictureStep> steps, string? title = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, $"Expected 1 channel or 3, got {channels}.");
        if (pixels.Length != (long)height * width * channels)
            throw new ArgumentException($"Expected {height} × {width} × {channels} bytes, got {pixels.Length}.", nameof(pixels));
        ArgumentNullException.ThrowIfNull(steps);
        Check(steps);
        (Height, Width, Channels, Title) = (height, width, channels, title);
        Pixels = pixels.ToArray();
        Steps = [.. steps.Select(step => new PictureStep(step.Label, (float[,])step.Weights.Clone()))];
    }

    /// <summary>Row by row, the colours of a pixel side by side.</summary>
    public IReadOnlyList<byte> Pixels { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Columns of pixels.</summary>
    public int Width { get; }

    /// <summary>1 for grey, 3 for red, green and blue.</summary>
    public int Channels { get; }

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<PictureStep> Steps { get; }

    /// <summary>Stands above the picture; may be null.</summary>
    public string? Title { get; }

    private static void Check(IReadOnlyList<PictureStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not { Label: not null, Weights: { } weights })
                throw new ArgumentException($"Step {i} is null, or its label or its weights are.", nameof(steps));
            if (weights.Length == 0)
                throw new ArgumentException($"Step {i} has no weights.", nameof(steps));
            foreach (var weight in weights)
            {
                if (!(weight >= 0) || !float.IsFinite(weight))
                    throw new ArgumentException($"Step {i} has a weight of {weight}; expected a finite number, at least 0.", nameof(steps));
            }
        }
    }
}
