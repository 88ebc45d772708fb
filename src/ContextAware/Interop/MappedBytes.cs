using System.IO.MemoryMappedFiles;

namespace ContextAware.Interop;

/// <summary>A file mapped read-only: the system reads the pages that are touched, when they are touched.</summary>
internal sealed class MappedBytes : IByteSource
{
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;

    internal MappedBytes(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Length = stream.Length;
        if (Length == 0)
            return; // An empty file can't be mapped, and has nothing to read.
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
    }

    public long Length { get; }

    public void Read(long offset, Span<byte> destination) =>
        view!.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, destination);

    public void Dispose()
    {
        view?.Dispose();
        file?.Dispose();
    }
}
