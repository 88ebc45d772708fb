using System;
using System.IO;

namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to_type(type, copy, disposeAfter, non_blocking);
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(device), copy, disposeAfter, non_blocking);
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(device.type, device.index, copy, disposeAfter, non_blocking);
        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);
        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDeviceType(deviceType);
            return Finish(Aten.to_dtype_layout.Call(this, Value.None, Value.None, new Device(deviceType, deviceIndex), Value.None, non_blocking, copy), disposeAfter);
        }
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Finish(Aten.to_dtype_layout.Call(this, type, Value.None, InitializeDevice(device), Value.None, non_blocking, copy), disposeAfter);
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Finish(Aten.to_dtype.Call(this, type, non_blocking, copy), disposeAfter);

        private Tensor Finish(Tensor result, bool disposeAfter)
        {
            if (disposeAfter) Dispose();
            return result;
        }

        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);
        public Tensor type(ScalarType dtype) => to_type(dtype);
        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);
        public Tensor cpu() => to(DeviceType.CPU);
        public Tensor cuda(Device device = null, bool non_blocking = false)
        {
            if (device is not null && device.type != DeviceType.CUDA) throw new ArgumentException("Not a CUDA device.", nameof(device));
            return to(DeviceType.CUDA, device?.index ?? -1, non_blocking: non_blocking);
        }

        public Tensor @bool() => to_type(ScalarType.Bool);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @char() => to_type(ScalarType.Int8);
        public Tensor @short() => to_type(ScalarType.Int16);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor half() => to_type(ScalarType.Float16);
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);

        public Scalar ToScalar() => new(Aten.item.CallValue(this));

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            using Utils.TensorAccessor<T> accessor = data<T>();
            return accessor[0];
        }

        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        internal void ValidateType(Type type)
        {
            Type expected = dtype switch {
                ScalarType.Byte => typeof(byte), ScalarType.Int8 => typeof(sbyte), ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int), ScalarType.Int64 => typeof(long), ScalarType.Bool => typeof(bool),
                ScalarType.BFloat16 => typeof(BFloat16), ScalarType.Float16 => typeof(Half), ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double), ScalarType.ComplexFloat32 => typeof((float, float)),
                ScalarType.ComplexFloat64 => typeof(System.Numerics.Complex), _ => null,
            };
            if (type != expected) throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }

        internal void* DataPointer()
        {
            void* data;
            Check(Native.bridge_data(Handle, &data));
            return data;
        }

        public Span<byte> bytes
        {
            get {
                long length = NumberOfElements * ElementSize;
                RequireReadable("Bytes");
                if (length > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                return new Span<byte>(DataPointer(), (int)length);
            }
            set {
                if (!is_contiguous()) throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                if (value.Length != NumberOfElements * ElementSize) throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(new Span<byte>(DataPointer(), value.Length));
                GC.KeepAlive(this);
            }
        }

        private void RequireReadable(string what)
        {
            if (!is_contiguous()) throw new InvalidOperationException(what + "() called on non-contiguous tensor.");
            if (device_type != DeviceType.CPU) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            RequireReadable("Bytes");
            byte* data = (byte*)DataPointer();
            for (long left = NumberOfElements * ElementSize; left > 0;) {
                int length = (int)Math.Min(left, int.MaxValue);
                stream.Write(new ReadOnlySpan<byte>(data, length));
                data += length;
                left -= length;
            }
            GC.KeepAlive(this);
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            RequireReadable("Bytes");
            byte* data = (byte*)DataPointer();
            for (long left = NumberOfElements * ElementSize; left > 0;) {
                int length = (int)Math.Min(left, int.MaxValue);
                stream.ReadExactly(new Span<byte>(data, length));
                data += length;
                left -= length;
            }
            GC.KeepAlive(this);
        }
    }
}
