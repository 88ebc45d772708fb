using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static Device get_default_device() => defaultDevice ?? CPU;
    public static void set_default_device(Device device) => defaultDevice = device;
    public static void set_default_device(string device) => defaultDevice = new Device(device);
    private static Device defaultDevice;

    private static Tensor Create(Op op, Value size, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        Prepare(op.Call(size, dtype, Value.None, InitializeDevice(device)), requires_grad, names);

    private static Tensor CreateRandom(Op op, Value size, ScalarType? dtype, Device device, bool requires_grad, Generator generator, string[] names) =>
        Prepare(op.Call(size, generator, dtype, Value.None, InitializeDevice(device)), requires_grad, names);

    private static Tensor Prepare(Tensor result, bool requires_grad, string[] names = null)
    {
        if (names is { Length: > 0 }) throw new NotSupportedException("Named dimensions are not part of this stand-in for TorchSharp.");
        if (requires_grad) result.requires_grad = true;
        return result;
    }

    private static Tensor Full(Value size, Scalar value, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        Prepare(Aten.full.Call(size, value, dtype ?? (is_integral(value.Type) ? ScalarType.Int64 : get_default_dtype()), Value.None, InitializeDevice(device)), requires_grad, names);

    private static Tensor RandomIntegers(long low, long high, long[] size, ScalarType? dtype, Device device, bool requires_grad, Generator generator, string[] names) =>
        Prepare(Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Value.None, InitializeDevice(device)), requires_grad, names);

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Prepare(Aten.empty_strided.Call(size, strides, dtype, Value.None, InitializeDevice(device)), requires_grad, names);

    public static Tensor eye(long rows, long columns = -1L, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Prepare(Aten.eye_m.Call(rows, columns == -1 ? rows : columns, dtype, Value.None, InitializeDevice(device)), requires_grad, names);

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        bool integral = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        return Prepare(Aten.arange_start_step.Call(start, stop, step, dtype ?? (integral ? ScalarType.Int64 : get_default_dtype()), Value.None, InitializeDevice(device)), requires_grad);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => arange(start, stop, 1, dtype, device, requires_grad);
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Prepare(Aten.linspace.Call(start, end, steps, dtype, Value.None, InitializeDevice(device)), requires_grad);
    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Prepare(Aten.logspace.Call(start, end, steps, @base, dtype, Value.None, InitializeDevice(device)), requires_grad);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Prepare(Aten.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Value.None, InitializeDevice(device)), requires_grad);

    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null, string[] names = null) =>
        randn(size, dtype, device, false, generator, names).mul_(std).add_(mean).requires_grad_(requires_grad);
    public static Tensor normal(Tensor mean, Tensor std, Generator generator = null) => randn(mean.shape, null, std.device, false, generator) * std + mean;

    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device device = null) =>
        Aten.tril_indices.Call(row, col, offset, dtype, Value.None, InitializeDevice(device));
    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device device = null) =>
        Aten.triu_indices.Call(row, col, offset, dtype, Value.None, InitializeDevice(device));

    internal static ScalarType TypeOf(Type type) =>
        type == typeof(byte) ? ScalarType.Byte : type == typeof(sbyte) ? ScalarType.Int8 : type == typeof(short) ? ScalarType.Int16 :
        type == typeof(int) ? ScalarType.Int32 : type == typeof(long) ? ScalarType.Int64 : type == typeof(Half) ? ScalarType.Float16 :
        type == typeof(float) ? ScalarType.Float32 : type == typeof(double) ? ScalarType.Float64 : type == typeof(bool) ? ScalarType.Bool :
        type == typeof(BFloat16) ? ScalarType.BFloat16 : throw new NotImplementedException($"Creating tensor of type {type} is not supported.");

    /// <summary>A tensor with a copy of an array of any rank, whose elements are of this type.</summary>
    internal static Tensor FromArray(Array array, ReadOnlySpan<long> dimensions, ScalarType type, ScalarType? dtype, Device device, bool requires_grad, string[] names = null)
    {
        long total = 1;
        foreach (long dimension in dimensions) total *= dimension;
        if (total > array.LongLength) throw new ArgumentException($"mismatched total size creating a tensor from an array: {total} vs. {array.LongLength}");
        fixed (byte* data = &MemoryMarshal.GetArrayDataReference(array))
            return FromData(data, dimensions, type, dtype, device, requires_grad, names);
    }

    internal static Tensor FromScalar<T>(T value, ScalarType? dtype, Device device, bool requires_grad) where T : unmanaged =>
        FromData(&value, [], TypeOf(typeof(T)), dtype, device, requires_grad, null);

    internal static Tensor FromScalar(Scalar value, ScalarType type, ScalarType? dtype, Device device, bool requires_grad) =>
        Prepare(Aten.scalar_tensor.Call(value, dtype ?? type, Value.None, InitializeDevice(device)), requires_grad);

    private static Tensor FromData(void* data, ReadOnlySpan<long> dimensions, ScalarType type, ScalarType? dtype, Device device, bool requires_grad, string[] names)
    {
        device = InitializeDevice(device);
        nint result;
        fixed (long* sizes = dimensions)
            Native.Check(Native.bridge_from_data(data, (int)type, sizes, dimensions.Length, (int)device.type, device.index, &result));
        var tensor = new Tensor(result);
        if (dtype is ScalarType wanted && wanted != type) tensor = tensor.to_type(wanted, disposeAfter: true);
        return Prepare(tensor, requires_grad, names);
    }

    private static long[] Dimensions(Array array)
    {
        var dimensions = new long[array.Rank];
        for (int i = 0; i < dimensions.Length; i++) dimensions[i] = array.GetLongLength(i);
        return dimensions;
    }

    public static Tensor from_array(Array rawArray, Device device = null) => from_array(rawArray, null, device);
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device device = null, bool requires_grad = false, string[] names = null) =>
        FromArray(rawArray, Dimensions(rawArray), TypeOf(rawArray.GetType().GetElementType()), dtype, device, requires_grad, names);
}
