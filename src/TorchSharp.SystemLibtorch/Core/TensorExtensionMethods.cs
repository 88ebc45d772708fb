using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class TensorExtensionMethods
{
    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();
    public static Half ToHalf(this torch.Tensor value) => value.ToScalar().ToHalf();
    public static BFloat16 ToBFloat16(this torch.Tensor value) => value.ToScalar().ToBFloat16();
    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();
    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();
    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();
    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();
    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    public static long TotalSize(this IEnumerable<long> shape)
    {
        long size = 1;
        foreach (long length in shape) size *= length;
        return size;
    }

    public static int ElementSize(this torch.ScalarType type) => type switch {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 or torch.ScalarType.ComplexFloat32 => 8,
        torch.ScalarType.ComplexFloat64 => 16,
        _ => throw new NotImplementedException(),
    };

    public static torch.Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false) =>
        torch.FromArray(rawArray, dimensions, torch.TypeOf(typeof(T)), null, null, requires_grad);

    public static torch.Tensor ToTensor<T>(this T scalar, torch.Device device = null, bool requires_grad = false) where T : struct
    {
        torch.ScalarType type = torch.TypeOf(typeof(T));
        if (requires_grad && !torch.is_floating_point(type)) throw new ArgumentException("Only floating point types support gradients.", nameof(requires_grad));
        return torch.FromArray(new[] { scalar }, [], type, null, device, requires_grad);
    }
}
