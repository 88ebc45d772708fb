using System.Runtime.InteropServices;

namespace ContextAware;

/// <summary>What becomes of the memory of tensors that are freed.</summary>
/// <remarks>
/// glibc gives large blocks back to the system at once, and the next tensor of that size gets fresh pages, which the system
/// clears one by one: on the CPU that can take as long as the arithmetic. A program that trains or infers for long, and has
/// memory to spare, calls <see cref="Keep"/> once at its start.
/// </remarks>
public static unsafe class FreedMemory
{
    // <malloc.h>
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    /// <summary>Half of a heap: older versions of glibc refuse more.</summary>
    private const int OldLimit = 32 << 20;

    /// <summary>
    /// From now on this process keeps freed memory for its next tensors, as with <c>MALLOC_MMAP_THRESHOLD_</c> and
    /// <c>MALLOC_TRIM_THRESHOLD_</c> raised: up to 2 GiB at the end of each heap. It can't be undone.
    /// </summary>
    /// <remarks>
    /// A thread other than the first has heaps of 64 MiB: a block above that is mapped afresh all the same, and with older versions
    /// of glibc every block above 32 MiB. What libtorch
    /// holds on CUDA has an allocator of its own, which keeps freed memory anyway.
    /// </remarks>
    /// <returns>Whether the allocator does so: glibc's, on Linux. Elsewhere nothing changes.</returns>
    public static bool Keep()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var libc) || !NativeLibrary.TryGetExport(libc, "mallopt", out var address))
            return false;
        var mallopt = (delegate* unmanaged<int, int, int>)address;
        return (mallopt(MapThreshold, int.MaxValue) == 1 || mallopt(MapThreshold, OldLimit) == 1) && mallopt(TrimThreshold, int.MaxValue) == 1;
    }
}
