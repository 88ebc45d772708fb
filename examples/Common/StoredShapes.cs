using ContextAware.Interop;

namespace Examples.Common;

/// <summary>The shapes of stored weights. Their file holds as many numbers, so sizes that fit them can be trusted.</summary>
/// <param name="weights">The weights.</param>
public sealed class StoredShapes(IReadOnlyDictionary<string, WeightEntry> weights)
{
    /// <summary>Holds sizes against the shape of a tensor.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has another shape.</exception>
    public void Expect(string name, params long[] shape)
    {
        if (!weights.TryGetValue(name, out var entry) || !entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"its settings do not fit its tensor '{name}'");
    }
}
