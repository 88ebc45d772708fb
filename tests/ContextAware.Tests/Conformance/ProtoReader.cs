using System.Buffers.Binary;
using System.Text;

namespace ContextAware.Tests.Conformance;

/// <summary>Reads the protobuf wire format, field by field: as much of it as ONNX files need.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;
    private int wireType;

    /// <summary>The number of the field that <see cref="Next"/> came to.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; its value must then be read, or skipped.</summary>
    public bool Next()
    {
        if (rest.IsEmpty)
            return false;
        var tag = Varint();
        (Field, wireType) = ((int)(tag >> 3), (int)(tag & 7));
        return true;
    }

    public long Integer() => (long)Varint();

    public float Float() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public ReadOnlySpan<byte> Bytes() => Take((int)Varint());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>One integer, or many packed into one field.</summary>
    public void Integers(List<long> into)
    {
        if (wireType == 0)
        {
            into.Add(Integer());
            return;
        }
        var packed = new ProtoReader(Bytes());
        while (!packed.rest.IsEmpty)
            into.Add(packed.Integer());
    }

    /// <summary>One float, or many packed into one field.</summary>
    public void Floats(List<float> into)
    {
        if (wireType == 5)
        {
            into.Add(Float());
            return;
        }
        var packed = new ProtoReader(Bytes());
        while (!packed.rest.IsEmpty)
            into.Add(packed.Float());
    }

    public void Skip()
    {
        switch (wireType)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes(); break;
            case 5: Take(4); break;
            default: throw new InvalidDataException($"Protobuf wire type {wireType} is not read here.");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
            throw new InvalidDataException($"The protobuf message ends {count - rest.Length} bytes early.");
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        throw new InvalidDataException("A protobuf number has more than ten bytes.");
    }
}
