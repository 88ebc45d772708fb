namespace ContextAware.Interop;

internal sealed class MemoryBytes(ReadOnlyMemory<byte> bytes) : IByteSource
{
    private bool disposed;

    public long Length => bytes.Length;

    public void Read(long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
    }

    public void Dispose() => disposed = true;
}
