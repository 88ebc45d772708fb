using static TorchSharp.torch;

namespace TorchSharp;

// The format of one tensor: its type, the number of its dimensions and each size as LEB128 numbers, then its bytes.
public static partial class TensorExtensionMethods
{
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        using var copy = tensor.device_type == DeviceType.CPU ? null : tensor.cpu();
        var source = copy ?? tensor;
        var shape = source.shape;
        writer.Write7BitEncodedInt((int)source.dtype);
        writer.Write7BitEncodedInt(shape.Length);
        foreach (var size in shape) writer.Write7BitEncodedInt64(size);
        source.WriteBytesToStream(writer.BaseStream, BufferSize);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Reads into a tensor of the same type and shape, or passes over what the stream has.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != tensor.dtype) throw new ArgumentException($"The file has a tensor of type {type} where {tensor.dtype} is expected.", nameof(tensor));
        ReadData(tensor, type, shape, reader, skip);
    }

    /// <summary>A new tensor from the stream; with skip, one of zeros.</summary>
    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        Tensor tensor = null;
        Load(ref tensor, reader, skip);
        return tensor;
    }

    /// <summary>Reads into a tensor of the same shape, or makes one.</summary>
    public static void Load(ref Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        tensor ??= zeros(shape, dtype: type);
        ReadData(tensor, type, shape, reader, skip);
    }

    private const int BufferSize = 1 << 16;

    private static (ScalarType type, long[] shape) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)reader.Read7BitEncodedInt();
        var shape = new long[reader.Read7BitEncodedInt()];
        for (int i = 0; i < shape.Length; i++) shape[i] = reader.Read7BitEncodedInt64();
        return (type, shape);
    }

    private static void ReadData(Tensor tensor, ScalarType type, long[] shape, BinaryReader reader, bool skip)
    {
        if (skip)
        {
            reader.BaseStream.Seek(shape.TotalSize() * type.ElementSize(), SeekOrigin.Current);
            return;
        }
        var expected = tensor.shape;
        if (!expected.AsSpan().SequenceEqual(shape))
            throw new ArgumentException($"The file has a tensor [{string.Join(", ", shape)}] where [{string.Join(", ", expected)}] is expected.", nameof(tensor));
        using (no_grad())
        {
            if (tensor.device_type == DeviceType.CPU)
            {
                tensor.ReadBytesFromStream(reader.BaseStream, BufferSize);
                return;
            }
            using var copy = empty(shape, dtype: type);
            copy.ReadBytesFromStream(reader.BaseStream, BufferSize);
            tensor.copy_(copy);
        }
    }
}
