using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

internal enum Tag { None, Tensor, Int, Double, Bool, IntList, DoubleList, BoolList, TensorList, OptionalTensorList, String, Device, Generator }

/// <summary>An argument or result as native/bridge.cpp lays it out.</summary>
internal struct NativeValue
{
    public Tag Tag;
    public int Count;
    public long Bits;
}

/// <summary>An argument of an operator. Most come by implicit conversion; <c>default</c> is None.</summary>
internal readonly struct Value
{
    /// <summary>Keeps a tensor alive during the call, or holds the list to be copied.</summary>
    public readonly object Reference;
    public readonly NativeValue Native;

    private Value(Tag tag, long bits, object reference = null, int count = 0)
    {
        Native = new NativeValue { Tag = tag, Bits = bits, Count = count };
        Reference = reference;
    }

    public static Value None => default;

    /// <summary>For a parameter of type <c>Tensor?</c>: null becomes None.</summary>
    public static Value Optional(torch.Tensor tensor) => tensor is null ? None : tensor;

    /// <summary>For a parameter of type <c>Scalar?</c>: null becomes None.</summary>
    public static Value Optional(Scalar scalar) => scalar is null ? None : scalar;

    /// <summary>For a parameter of type <c>Tensor?[]</c>: null items become None.</summary>
    public static Value OptionalTensors(torch.Tensor[] tensors) => new(Tag.OptionalTensorList, 0, tensors, tensors.Length);

    /// <summary>A tensor by its handle, which the caller keeps alive.</summary>
    public static Value Borrow(nint handle) => new(Tag.Tensor, handle);

    /// <summary>For a parameter of type <c>int[]?</c> that the API takes one number of.</summary>
    public static Value One(long? value) => value is long v ? new[] { v } : default(Value);

    /// <summary>A list of tensors.</summary>
    public static Value Tensors(IEnumerable<torch.Tensor> tensors)
    {
        torch.Tensor[] array = tensors as torch.Tensor[] ?? [.. tensors];
        return new(Tag.TensorList, 0, array, array.Length);
    }

    /// <summary>A list of numbers that isn't an array.</summary>
    public static Value Longs(ReadOnlySpan<long> values) => values.ToArray();

    public static implicit operator Value(torch.Tensor tensor) => new(Tag.Tensor, tensor.Handle, tensor);
    public static implicit operator Value(torch.Tensor[] tensors) => new(Tag.TensorList, 0, tensors, tensors.Length);
    public static implicit operator Value(long value) => new(Tag.Int, value);
    public static implicit operator Value(long? value) => value is long v ? new(Tag.Int, v) : default;
    public static implicit operator Value(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Value(double? value) => value is double v ? v : default(Value);
    public static implicit operator Value(bool value) => new(Tag.Bool, value ? 1 : 0);
    public static implicit operator Value(Scalar scalar) => new(scalar.Tag, scalar.Bits);
    public static implicit operator Value(torch.ScalarType type) => new(Tag.Int, (long)Known(type));
    public static implicit operator Value(torch.ScalarType? type) => type is torch.ScalarType t ? t : default(Value);
    public static implicit operator Value(long[] values) => values is null ? default : new(Tag.IntList, 0, values, values.Length);
    public static implicit operator Value(double[] values) => values is null ? default : new(Tag.DoubleList, 0, values, values.Length);
    public static implicit operator Value(string text) => text is null ? default : new(Tag.String, 0, text);
    public static implicit operator Value(torch.Device device) => device is null ? default : new(Tag.Device, (long)device.type, device, device.type == DeviceType.CPU ? -1 : device.index);
    public static implicit operator Value(torch.Generator generator) => generator is null ? default : new(Tag.Generator, generator.Handle, generator);

    /// <summary>How many 8-byte slots the list or string takes in the scratch memory of a call.</summary>
    public int ScratchLength => Native.Tag switch {
        Tag.IntList or Tag.DoubleList or Tag.TensorList or Tag.OptionalTensorList => Native.Count,
        Tag.String => (((string)Reference).Length * 3 + 7) / 8,
        _ => 0,
    };

    // libtorch looks some of them up in tables without asking whether they are there.
    private static torch.ScalarType Known(torch.ScalarType type) => Enum.IsDefined(type) ? type
        : throw new ArgumentOutOfRangeException(nameof(type), type, $"Expected an element type, got the number {(sbyte)type}.");

    /// <summary>Copies the list or string to <paramref name="scratch"/> and gives the value that points there.</summary>
    public unsafe NativeValue CopyTo(long* scratch)
    {
        int count = Native.Count;
        switch (Native.Tag) {
        case Tag.IntList:
            ((long[])Reference).CopyTo(new Span<long>(scratch, count));
            break;
        case Tag.DoubleList:
            ((double[])Reference).CopyTo(new Span<double>(scratch, count));
            break;
        case Tag.TensorList:
            var tensors = (torch.Tensor[])Reference;
            for (int i = 0; i < count; i++) scratch[i] = tensors[i].Handle;
            break;
        case Tag.OptionalTensorList:
            var optional = (torch.Tensor[])Reference;
            for (int i = 0; i < count; i++) scratch[i] = optional[i]?.Handle ?? 0;
            break;
        case Tag.String:
            var text = (string)Reference;
            count = System.Text.Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, text.Length * 3));
            break;
        }
        return new NativeValue { Tag = Native.Tag, Count = count, Bits = (long)scratch };
    }
}
