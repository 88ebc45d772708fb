using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>What is known of a stored tensor before it is read.</summary>
/// <param name="Type">The element type as stored.</param>
/// <param name="Shape">The size of each dimension; empty for a scalar.</param>
public record WeightEntry(ScalarType Type, IReadOnlyList<long> Shape);
