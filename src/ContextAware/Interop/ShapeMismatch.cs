namespace ContextAware.Interop;

/// <summary>A stored tensor whose shape is not the one that the module has.</summary>
/// <param name="Name">The name in the module's state dict.</param>
/// <param name="Expected">The module's shape.</param>
/// <param name="Actual">The stored shape.</param>
public sealed record ShapeMismatch(string Name, IReadOnlyList<long> Expected, IReadOnlyList<long> Actual)
{
    /// <summary>The name and both shapes.</summary>
    public override string ToString() =>
        $"{Name}: expected {ShapeText.Of(Expected)}, stored {ShapeText.Of(Actual)}";
}
