using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace ContextAware.Testing;

/// <summary>
/// Expected values made by somebody else's program, kept as a small safetensors file. This reader shares nothing
/// with the library's own, so that each can test the other.
/// </summary>
/// <remarks>The layout: 8 bytes, the header's length; a JSON header; the elements, little endian.</remarks>
public sealed class GoldenFile
{
    private readonly Dictionary<string, (string Type, long[] Shape, ReadOnlyMemory<byte> Bytes)> entries = [];

    private GoldenFile(string path, byte[] content)
    {
        Path = path;
        var headerLength = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(content));
        using var header = JsonDocument.Parse(content.AsMemory(8, headerLength));
        var data = content.AsMemory(8 + headerLength);
        foreach (var entry in header.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
            {
                Metadata = entry.Value.EnumerateObject().ToDictionary(x => x.Name, x => x.Value.GetString()!);
                continue;
            }

            int[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(x => x.GetInt32())];
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(x => x.GetInt64())];
            entries.Add(entry.Name, (entry.Value.GetProperty("dtype").GetString()!, shape, data[offsets[0]..offsets[1]]));
        }
    }

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>The file's own notes: which program made it, say.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>The names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => entries.Keys;

    /// <summary>Reads a file; a relative path starts at the repository's root.</summary>
    public static GoldenFile Read(params ReadOnlySpan<string> path)
    {
        var full = RepositoryPaths.At(path);
        return new(full, File.ReadAllBytes(full));
    }

    /// <summary>The sizes of one tensor.</summary>
    public long[] Shape(string name) => Entry(name).Shape;

    /// <summary>The elements of one tensor in row-major order.</summary>
    public double[] Numbers(string name)
    {
        var (type, shape, memory) = Entry(name);
        var count = checked((int)shape.Aggregate(1L, (a, b) => a * b));
        return [.. Enumerable.Range(0, count).Select(i => Number(type, memory.Span, i))];
    }

    /// <summary>One tensor in its own type.</summary>
    public Tensor Tensor(string name)
    {
        using var scope = NewDisposeScope();
        return tensor(Numbers(name), Shape(name)).to(TypeOf(Entry(name).Type)).MoveToOuterDisposeScope();
    }

    private (string Type, long[] Shape, ReadOnlyMemory<byte> Bytes) Entry(string name)
        => entries.TryGetValue(name, out var entry) ? entry
            : throw new KeyNotFoundException($"{Path} holds no '{name}', only {string.Join(", ", entries.Keys)}.");

    private static double Number(string type, ReadOnlySpan<byte> bytes, int i) => type switch
    {
        "F64" => BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
        "F32" => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
        "F16" => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
        "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
        "I64" => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
        "I32" => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
        "I16" => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]),
        "I8" => (sbyte)bytes[i],
        "U8" or "BOOL" => bytes[i],
        _ => throw new NotSupportedException($"The safetensors type {type} is not read here."),
    };

    private static ScalarType TypeOf(string type) => type switch
    {
        "F64" => ScalarType.Float64,
        "F32" => ScalarType.Float32,
        "F16" => ScalarType.Float16,
        "BF16" => ScalarType.BFloat16,
        "I64" => ScalarType.Int64,
        "I32" => ScalarType.Int32,
        "I16" => ScalarType.Int16,
        "I8" => ScalarType.Int8,
        "U8" => ScalarType.Byte,
        _ => ScalarType.Bool,
    };
}
