using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>Named tensors that are read when they are asked for: a file, several files, or a renamed view of them.</summary>
public interface IWeightSource
{
    /// <summary>The tensors by name, without their contents.</summary>
    IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>Reads one tensor into fresh memory.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    /// <param name="dtype">The type to convert to; as stored when absent.</param>
    /// <param name="device">The device to place it on; the CPU when absent.</param>
    /// <exception cref="KeyNotFoundException">No tensor has that name.</exception>
    /// <exception cref="SafetensorsException">The stored bytes are broken.</exception>
    Tensor Read(string name, ScalarType? dtype = null, Device? device = null);
}
