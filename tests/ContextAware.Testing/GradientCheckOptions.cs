namespace ContextAware.Testing;

/// <summary>How closely <see cref="GradientCheck"/> looks.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>The half width of the central difference.</summary>
    public double Step { get; init; } = 1e-6;

    /// <summary>Allowed difference as a share of the numeric gradient.</summary>
    public double RelativeTolerance { get; init; } = 1e-5;

    /// <summary>Allowed difference in itself.</summary>
    public double AbsoluteTolerance { get; init; } = 1e-7;

    /// <summary>Tensors with more elements than this are checked at that many, picked at random.</summary>
    public int MaximumElements { get; init; } = 24;

    /// <summary>Picks the elements, and the weights by which the outputs are summed.</summary>
    public int Seed { get; init; } = 20240229;
}
