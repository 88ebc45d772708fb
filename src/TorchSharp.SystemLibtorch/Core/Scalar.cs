using System;

namespace TorchSharp;

public sealed class Scalar : IDisposable
{
    private readonly Tag tag;
    private readonly long bits;
    private bool disposed;

    private Scalar(Tag tag, long bits) { this.tag = tag; this.bits = bits; }

    internal Scalar(long value) : this(Tag.Int, value) { }
    internal Scalar(double value) : this(Tag.Double, BitConverter.DoubleToInt64Bits(value)) { }
    internal Scalar(bool value) : this(Tag.Bool, value ? 1 : 0) { }
    internal Scalar(NativeValue value) : this(value.Tag, value.Bits) { }

    internal Tag Tag => disposed ? throw new InvalidOperationException("Scalar invalid -- empty handle.") : tag;
    internal long Bits => bits;

    internal double AsDouble => Tag == Tag.Double ? BitConverter.Int64BitsToDouble(bits) : bits;
    internal long AsLong => Tag == Tag.Double ? (long)BitConverter.Int64BitsToDouble(bits) : bits;

    public torch.ScalarType Type => Tag switch {
        Tag.Double => torch.ScalarType.Float64,
        Tag.Bool => torch.ScalarType.Bool,
        _ => torch.ScalarType.Int64,
    };

    public void Dispose() => disposed = true;

    public static implicit operator Scalar(byte value) => new((long)value);
    public static implicit operator Scalar(sbyte value) => new((long)value);
    public static implicit operator Scalar(short value) => new((long)value);
    public static implicit operator Scalar(int value) => new((long)value);
    public static implicit operator Scalar(long value) => new(value);
    public static implicit operator Scalar(Half value) => new((double)value);
    public static implicit operator Scalar(BFloat16 value) => new((double)value.ToSingle());
    public static implicit operator Scalar(float value) => new((double)value);
    public static implicit operator Scalar(double value) => new(value);
    public static implicit operator Scalar(bool value) => new(value);
}
