using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>Writes safetensors: widest element type first, then by name, so that every tensor is aligned and equal
/// contents give equal files.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes named tensors, one at a time, in the safetensors format.</summary>
    /// <param name="stream">Where to write, from its present position on.</param>
    /// <param name="tensors">Names and tensors, on any device, of any layout.</param>
    /// <param name="metadata">Free texts to store beside them.</param>
    /// <exception cref="ArgumentException">A name comes twice or is reserved, or the format lacks an element type.</exception>
    internal static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        var items = tensors.Select(pair => Describe(pair.Key, pair.Value))
            .OrderByDescending(item => item.ElementSize).ThenBy(item => item.Name, StringComparer.Ordinal)
            .ToArray();
        if (items.CountBy(item => item.Name).FirstOrDefault(name => name.Value > 1).Key is { } twice)
            throw new ArgumentException($"The name '{twice}' comes twice.", nameof(tensors));
        stream.Write(Header(items, metadata));
        foreach (var item in items)
        {
            using var scope = NewDisposeScope();
            var tensor = item.Tensor.detach().cpu().contiguous();
            TensorBytes.Visit(tensor, item.ElementSize, (_, bytes) => stream.Write(bytes));
        }
    }

    private static Item Describe(string name, Tensor tensor)
    {
        if (name == SafetensorsHeader.MetadataKey)
            throw new ArgumentException($"The name '{name}' is reserved by the format.", nameof(name));
        ArgumentNullException.ThrowIfNull(tensor, name);
        var type = tensor.dtype;
        var typeName = SafetensorsTypes.NameOf(type)
            ?? throw new ArgumentException($"'{name}' is {type}; the format supports {SafetensorsTypes.Supported}.", nameof(tensor));
        return new Item(name, tensor, typeName, SafetensorsTypes.SizeOf(type), tensor.shape);
    }

    private static byte[] Header(Item[] items, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[SafetensorsHeader.LengthBytes]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteEntries(json, items);
            json.WriteEndObject();
        }
        while (buffer.Length % SafetensorsHeader.LengthBytes != 0)
            buffer.WriteByte((byte)' ');
        var length = buffer.Length - SafetensorsHeader.LengthBytes;
        if (length > SafetensorsHeader.MaximumLength)
            throw new ArgumentException($"The header would take {length} bytes; the format allows {SafetensorsHeader.MaximumLength}.", nameof(items));
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null or { Count: 0 })
            return;
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, Item[] items)
    {
        var offset = 0L;
        foreach (var item in items)
        {
            json.WriteStartObject(item.Name);
            json.WriteString("dtype", item.TypeName);
            json.WriteStartArray("shape");
            foreach (var size in item.Shape)
                json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += item.Bytes);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private sealed record Item(string Name, Tensor Tensor, string TypeName, int ElementSize, long[] Shape)
    {
        internal long Bytes => Shape.Aggregate((long)ElementSize, (product, size) => product * size);
    }
}
