using System;
using System.Collections;
using System.Collections.Generic;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor, read and written in row-major order whatever its strides are.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private torch.Tensor tensor;
    private T* data;
    private readonly long[] shape, strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        data = (T*)tensor.DataPointer();
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        this.tensor = tensor;
    }

    public long Count => tensor is null ? 0 : tensor.numel();

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => Read(Offset(indices));
        set => Write(Offset(indices), value);
    }

    private T* Data => tensor is { IsInvalid: false } ? data : throw new ObjectDisposedException(GetType().Name, "The tensor or its accessor is disposed.");

    private T Read(long offset)
    {
        T value = Data[offset];
        GC.KeepAlive(this);
        return value;
    }

    private void Write(long offset, T value)
    {
        Data[offset] = value;
        GC.KeepAlive(this);
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1) {
            if (indices[0] >= Count) throw new IndexOutOfRangeException();
            return Offset(indices[0]);
        }
        long offset = 0;
        for (int i = shape.Length - 1; i >= 0; i--) {
            if (indices[i] >= shape[i] || indices[i] < 0) throw new IndexOutOfRangeException($"{indices[i]} >= {shape[i]} in dimension {i}.");
            offset += indices[i] * strides[i];
        }
        return offset;
    }

    /// <summary>Where the element of this row-major number lies.</summary>
    private long Offset(long number)
    {
        if (number < 0 || number >= Count) throw new ArgumentOutOfRangeException($"{number} in a collection of {Count} elements.");
        if (contiguous) return number;
        long offset = 0;
        for (int i = shape.Length - 1; i >= 0; i--) {
            number = Math.DivRem(number, shape[i], out long position);
            offset += position * strides[i];
        }
        return offset;
    }

    public T[] ToArray()
    {
        // TorchSharp looks for the first element of a tensor of several dimensions.
        if (tensor is not null && Count == 0 && shape.Length > 1) throw new ArgumentOutOfRangeException("startingIndex");
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    /// <summary>An array of the tensor's rank (of rank one for a scalar).</summary>
    public Array ToNDArray()
    {
        if (shape.Length < 2) return ToArray();
        var array = Array.CreateInstance(typeof(T), shape);
        if (array.LongLength == 0) return array;
        fixed (byte* target = &System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array))
            CopyTo(new Span<T>(target, checked((int)array.LongLength)));
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tensorIndex);
        long length = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (contiguous && length > 0) {
            new ReadOnlySpan<T>(Data + tensorIndex, (int)length).CopyTo(array[arrayIndex..]);
        } else {
            for (int i = 0; i < length; i++) array[arrayIndex + i] = Read(Offset(tensorIndex + i));
        }
        GC.KeepAlive(this);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        long length = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (int i = 0; i < length; i++) Write(Offset(tensorIndex + i), array[arrayIndex + i]);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return At(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T At(long number) => Read(Offset(number));

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right)
    {
        if (left.Count != right.Count) return false;
        for (long i = 0; i < left.Count; i++)
            if (!left.At(i).Equals(right.At(i))) return false;
        return true;
    }

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);
    public override bool Equals(object obj) => obj is TensorAccessor<T> other && this == other;
    public override int GetHashCode() => tensor.GetHashCode();

    public void Dispose()
    {
        data = null;
        tensor = null;
    }
}
