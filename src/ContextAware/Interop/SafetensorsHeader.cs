using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>
/// Reads the header of a safetensors file: eight bytes of length, little-endian, then that much JSON, then the tensors'
/// bytes without a gap. Every rule is checked here, so that what comes out can be trusted.
/// </summary>
internal ref struct SafetensorsHeader
{
    internal const int LengthBytes = 8;
    /// <summary>The limit that the format's own library keeps.</summary>
    internal const long MaximumLength = 100_000_000;
    internal const int MaximumRank = 64;
    internal const string MetadataKey = "__metadata__";

    private readonly string fileName;
    private readonly long dataStart;
    private readonly long dataLength;
    private StrictJson json;
    private Dictionary<string, string>? metadata;

    private SafetensorsHeader(string fileName, ReadOnlySpan<byte> header, long fileLength)
    {
        this.fileName = fileName;
        dataStart = LengthBytes + header.Length;
        dataLength = fileLength - dataStart;
        json = new StrictJson(fileName, header, LengthBytes, maximumDepth: 4);
    }

    internal Dictionary<string, WeightEntry> Entries { get; } = [];

    internal readonly Dictionary<string, string> Metadata => metadata ?? [];

    /// <summary>The header's length in bytes, checked against the file's.</summary>
    internal static int ReadLength(string fileName, ReadOnlySpan<byte> lengthBytes, long fileLength)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > MaximumLength)
            throw new SafetensorsException(fileName, 0, $"the header claims {length} bytes; at most {MaximumLength} are allowed.");
        if ((long)length > fileLength - LengthBytes)
            throw new SafetensorsException(fileName, 0, $"the header claims {length} bytes, but only {fileLength - LengthBytes} follow.");
        return (int)length;
    }

    internal static SafetensorsHeader Parse(string fileName, ReadOnlySpan<byte> header, long fileLength)
    {
        if (header.IsEmpty || header[0] != (byte)'{')
            throw new SafetensorsException(fileName, LengthBytes, "the header does not start with '{'.");
        var parser = new SafetensorsHeader(fileName, header, fileLength);
        parser.ReadRoot();
        parser.CheckLayout();
        return parser;
    }

    private void ReadRoot()
    {
        json.Read();
        while (json.NextProperty(out var name))
        {
            if (name == MetadataKey)
                ReadMetadata();
            else if (!Entries.TryAdd(name, ReadEntry(name)))
                throw json.Error($"the name '{name}' comes twice.");
        }
        json.Read(); // Throws unless only white space follows.
    }

    private void ReadMetadata()
    {
        if (metadata is not null)
            throw json.Error($"{MetadataKey} comes twice.");
        metadata = [];
        json.Expect(JsonTokenType.StartObject, MetadataKey);
        while (json.NextProperty(out var key))
        {
            json.Expect(JsonTokenType.String, $"the value of '{key}' in {MetadataKey}");
            if (!metadata.TryAdd(key, json.Text()))
                throw json.Error($"the key '{key}' comes twice in {MetadataKey}.");
        }
    }

    private SafetensorsEntry ReadEntry(string name)
    {
        ScalarType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        json.Expect(JsonTokenType.StartObject, $"the entry '{name}'");
        while (json.NextProperty(out var key))
        {
            if (key == "dtype" && type is null)
                type = ReadType(name);
            else if (key == "shape" && shape is null)
                shape = json.ReadNumbers($"'{name}'.shape", MaximumRank);
            else if (key == "data_offsets" && offsets is null)
                offsets = json.ReadNumbers($"'{name}'.data_offsets", 2);
            else
                throw json.Error($"the entry '{name}' has the key '{key}' twice, or should not have it.");
        }
        if (type is null || shape is null || offsets is not [var begin, var end])
            throw json.Error($"the entry '{name}' needs a dtype, a shape and two data_offsets.");
        if (begin > end || end > dataLength)
            throw json.Error($"'{name}' lies at {begin} to {end}, outside the {dataLength} bytes of data.");
        var size = ByteSize(name, type.Value, shape);
        if (size != end - begin)
            throw json.Error($"'{name}' of shape {ShapeText.Of(shape)} needs {size} bytes, but its data_offsets span {end - begin}.");
        return new SafetensorsEntry(type.Value, shape, dataStart + begin, size);
    }

    private ScalarType ReadType(string name)
    {
        json.Expect(JsonTokenType.String, $"'{name}'.dtype");
        var typeName = json.Text();
        return SafetensorsTypes.Parse(typeName)
            ?? throw json.Error($"'{name}' has the dtype '{typeName}'; supported are {SafetensorsTypes.Supported}.");
    }

    // Zeros count as ones: libtorch multiplies the other sizes for its strides, even in an empty tensor.
    private readonly long ByteSize(string name, ScalarType type, long[] shape)
    {
        Int128 bytes = SafetensorsTypes.SizeOf(type);
        foreach (var size in shape)
        {
            bytes *= Math.Max(size, 1);
            if (bytes > long.MaxValue)
                throw json.Error($"the shape {ShapeText.Of(shape)} of '{name}' overflows.");
        }
        return shape.Contains(0) ? 0 : (long)bytes;
    }

    // The tensors must tile the data: no overlap, no gap, nothing left over.
    private readonly void CheckLayout()
    {
        var end = dataStart;
        foreach (var (name, entry) in Entries
            .Select(pair => (pair.Key, Entry: (SafetensorsEntry)pair.Value))
            .OrderBy(pair => pair.Entry.Offset).ThenBy(pair => pair.Entry.Length))
        {
            if (entry.Offset != end)
                throw new SafetensorsException(fileName, entry.Offset, entry.Offset < end
                    ? $"'{name}' overlaps the tensor before it, which ends at byte {end}."
                    : $"the {entry.Offset - end} bytes before '{name}' belong to no tensor.");
            end += entry.Length;
        }
        if (end != dataStart + dataLength)
            throw new SafetensorsException(fileName, end, $"the last {dataStart + dataLength - end} bytes of the file belong to no tensor.");
    }
}
