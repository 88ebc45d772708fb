using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ContextAware.Loops;

/// <summary>Where tensors on the CPU lie.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>The address of a tensor's first element. The tensor must be held while it is used.</summary>
    /// <param name="tensor">On the CPU, of this type, not empty; of any size and strides.</param>
    internal static T* Start<T>(Tensor tensor)
        where T : unmanaged
    {
        // TorchSharp gives the bytes of whole tensors only, and no more than an int can count.
        using var first = tensor.as_strided([1], [1], tensor.storage_offset());
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
