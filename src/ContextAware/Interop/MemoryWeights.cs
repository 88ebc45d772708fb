using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>Tensors in memory, such as a state dict, as a source of weights. It owns none of them.</summary>
public sealed class MemoryWeights : IWeightSource
{
    private readonly IReadOnlyDictionary<string, Tensor> tensors;

    /// <summary>Takes the tensors by reference.</summary>
    /// <param name="tensors">The tensors by name.</param>
    public MemoryWeights(IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        this.tensors = tensors;
        Entries = tensors.ToDictionary(pair => pair.Key, pair => new WeightEntry(pair.Value.dtype, pair.Value.shape));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <inheritdoc/>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
    {
        if (!tensors.TryGetValue(name, out var tensor))
            throw new KeyNotFoundException($"There is no tensor '{name}'.");
        using var scope = NewDisposeScope();
        return tensor.detach().to(dtype ?? tensor.dtype, device ?? tensor.device, copy: true).MoveToOuterDisposeScope();
    }
}
