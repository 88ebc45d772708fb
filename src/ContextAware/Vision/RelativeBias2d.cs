using ContextAware.Interop;
using ContextAware.Positions;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>A learned bias for each head and each step from one place of a map to another, up to a largest map.</summary>
/// <remarks>
/// Liu et al. 2021, "Swin transformer" (arXiv 2103.14030), eq. 4: B is taken from a table of (2H−1)·(2W−1) steps, from the
/// key to the query, rows first. The one parameter has its name, <c>relative_position_bias_table</c>
/// <c>[(2H−1)·(2W−1),heads]</c>. A smaller map takes the middle of the table.
/// </remarks>
public sealed class RelativeBias2d : nn.Module<long, long, Tensor>
{
    [ComponentName(Name = "relative_position_bias_table")]
    private readonly Parameter table;

    /// <summary>Makes a bias, initialised from N(0, deviation²).</summary>
    /// <param name="heads">How many heads.</param>
    /// <param name="height">H, the greatest height of a map.</param>
    /// <param name="width">W, the greatest width of a map.</param>
    /// <param name="deviation">The standard deviation of the initial values.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the deviation is negative.</exception>
    public RelativeBias2d(long heads, long height, long width, double deviation = 0.02) : base(nameof(RelativeBias2d))
    {
        Heads = ScoreShape.Positive(heads, nameof(heads));
        Height = ScoreShape.Positive(height, nameof(height));
        Width = ScoreShape.Positive(width, nameof(width));
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        table = OwnParameter.Of(empty(((2 * height) - 1) * ((2 * width) - 1), heads));
        if (!WeightInitialization.IsSkipped)
            nn.init.normal_(table, 0, deviation);
        RegisterComponents();
    }

    /// <summary>How many heads.</summary>
    public long Heads { get; }

    /// <summary>H, the greatest height of a map.</summary>
    public long Height { get; }

    /// <summary>W, the greatest width of a map.</summary>
    public long Width { get; }

    /// <summary>The biases between all places of a map.</summary>
    /// <param name="height">The map's height h, at most H.</param>
    /// <param name="width">The map's width w, at most W.</param>
    /// <returns><c>[1,heads,N,N]</c> with N = h · w, query by key, to be added to the scores.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The map is empty or too large.</exception>
    public override Tensor forward(long height, long width)
    {
        CheckSize(height, Height, nameof(height));
        CheckSize(width, Width, nameof(width));
        using var scope = NewDisposeScope();
        var steps = table.t().view(Heads, (2 * Height) - 1, (2 * Width) - 1)
            .narrow(1, Height - height, (2 * height) - 1).narrow(2, Width - width, (2 * width) - 1)
            .flip(1, 2);                                                             // now from the query to the key
        var columns = Toeplitz.Spread(steps, width, width);                          // [heads,2h−1,w,w]
        var both = Toeplitz.Spread(columns.permute(0, 2, 3, 1), height, height);     // [heads,w,w,h,h]
        return both.permute(0, 3, 1, 4, 2)                                           // [heads,h,w,h,w]
            .reshape(1, Heads, height * width, height * width).MoveToOuterDisposeScope();
    }

    private static void CheckSize(long size, long largest, string name)
    {
        if (size <= 0 || size > largest)
            throw new ArgumentOutOfRangeException(name, size, $"Expected a {name} from 1 to {largest}, got {size}.");
    }
}
