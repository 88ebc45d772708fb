namespace ContextAware.Benchmarks.Cases;

/// <summary>One thing to measure.</summary>
/// <param name="Name">The name that the peer knows it by too.</param>
/// <param name="What">What it does, in words, with sizes.</param>
/// <param name="Prepare">Makes tensors and modules, and returns the action to time.</param>
internal sealed record Case(string Name, string What, Func<Action> Prepare)
{
    /// <summary>Floating-point operations of its matrix products, which no implementation can save; 0: not counted.</summary>
    public double Operations { get; init; }
}
