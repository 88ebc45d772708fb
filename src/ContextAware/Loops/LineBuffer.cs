using System.Buffers;
using System.Runtime.InteropServices;

namespace ContextAware.Loops;

/// <summary>Memory for some numbers, lent by the pool, which begins at a line of cache. What is in it means nothing.</summary>
internal readonly unsafe struct LineBuffer : IDisposable
{
    private const int Line = 64;

    private readonly byte[] lent;
    private readonly GCHandle pin;

    /// <param name="count">How many numbers.</param>
    /// <exception cref="OverflowException">More than an array can hold.</exception>
    internal LineBuffer(long count)
    {
        lent = ArrayPool<byte>.Shared.Rent(checked((int)((count * sizeof(float)) + Line)));
        pin = GCHandle.Alloc(lent, GCHandleType.Pinned);
        Start = (float*)(((nuint)pin.AddrOfPinnedObject() + Line - 1) & ~(nuint)(Line - 1));
    }

    /// <summary>The first number.</summary>
    internal float* Start { get; }

    public void Dispose()
    {
        pin.Free();
        ArrayPool<byte>.Shared.Return(lent);
    }
}
