using ContextAware.IO;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>
/// A file in the safetensors format (https://huggingface.co/docs/safetensors), as Python's library of that name writes and
/// reads it. Opening reads and checks the header only; tensors are read from the mapped file when they are asked for.
/// </summary>
/// <remarks>
/// The file is not trusted: whatever is wrong with it, the one exception is <see cref="SafetensorsException"/>, and no
/// memory is taken beyond a small multiple of the file's size. Do not shorten a file while it is open: the system ends a
/// process that touches mapped pages which are gone. Reading is safe from several threads.
/// </remarks>
public sealed class SafetensorsFile : IWeightSource, IDisposable
{
    private readonly IByteSource bytes;

    private SafetensorsFile(string fileName, IByteSource bytes)
    {
        this.bytes = bytes;
        FileName = fileName;
        if (bytes.Length < SafetensorsHeader.LengthBytes)
            throw new SafetensorsException(fileName, 0, $"the file has {bytes.Length} bytes, too few for the header's length.");
        Span<byte> lengthBytes = stackalloc byte[SafetensorsHeader.LengthBytes];
        bytes.Read(0, lengthBytes);
        var json = new byte[SafetensorsHeader.ReadLength(fileName, lengthBytes, bytes.Length)];
        bytes.Read(SafetensorsHeader.LengthBytes, json);
        var header = SafetensorsHeader.Parse(fileName, json, bytes.Length);
        Entries = header.Entries;
        Metadata = header.Metadata;
    }

    /// <summary>The path that was opened, or the name that was given to bytes in memory.</summary>
    public string FileName { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>The free texts that the writer stored beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Maps a file and checks its header.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="SafetensorsException">The file breaks the format.</exception>
    /// <exception cref="IOException">The file can't be opened.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(path, new MappedBytes(path));
    }

    /// <summary>Reads a file that is already in memory; its bytes must not change meanwhile.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="SafetensorsException">The bytes break the format.</exception>
    public static SafetensorsFile FromBytes(ReadOnlyMemory<byte> bytes, string name = "(memory)") =>
        Open(name, new MemoryBytes(bytes));

    /// <inheritdoc cref="SafetensorsWriter.Write(Stream, IEnumerable{KeyValuePair{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    /// <param name="path">The file to make or replace. It appears only when all of it is written.</param>
    /// <param name="tensors">Names and tensors, on any device, of any layout.</param>
    /// <param name="metadata">Free texts to store beside them.</param>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors, metadata));
    }

    /// <inheritdoc cref="SafetensorsWriter.Write(Stream, IEnumerable{KeyValuePair{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(stream, tensors, metadata);

    /// <inheritdoc/>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
    {
        var entry = Find(name);
        using var scope = NewDisposeScope();
        var stored = empty(entry.Sizes, entry.Type, CPU);
        Fill(stored, name, entry);
        return stored.to(dtype ?? entry.Type, device ?? CPU).MoveToOuterDisposeScope();
    }

    /// <summary>Unmaps the file. Tensors that were read stay valid.</summary>
    public void Dispose() => bytes.Dispose();

    private static SafetensorsFile Open(string name, IByteSource bytes)
    {
        try
        {
            return new SafetensorsFile(name, bytes);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private SafetensorsEntry Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? (SafetensorsEntry)entry
            : throw new KeyNotFoundException($"{FileName} has no tensor '{name}'.");

    private void Fill(Tensor tensor, string name, SafetensorsEntry entry) =>
        TensorBytes.Visit(tensor, SafetensorsTypes.SizeOf(entry.Type), (offset, destination) =>
        {
            bytes.Read(entry.Offset + offset, destination);
            var wrong = entry.Type == ScalarType.Bool ? destination.IndexOfAnyExceptInRange((byte)0, (byte)1) : -1;
            if (wrong >= 0)
                throw new SafetensorsException(FileName, entry.Offset + offset + wrong,
                    $"'{name}' is BOOL, but holds the byte {destination[wrong]}.");
        });
}
