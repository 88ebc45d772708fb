namespace ContextAware.Interop;

/// <summary>Bytes at offsets, in a mapped file or in memory.</summary>
internal interface IByteSource : IDisposable
{
    long Length { get; }

    void Read(long offset, Span<byte> destination);
}
