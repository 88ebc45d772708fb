namespace TorchSharp;

public static partial class torch
{
    public enum ScalarType : sbyte
    {
        Byte = 0, Int8 = 1, Int16 = 2, Int32 = 3, Int64 = 4, Float16 = 5, Float32 = 6, Float64 = 7,
        ComplexFloat32 = 9, ComplexFloat64 = 10, Bool = 11, QInt8 = 12, QUInt8 = 13, QInt32 = 14, BFloat16 = 15,
    }

    public static ScalarType uint8 = ScalarType.Byte, int8 = ScalarType.Int8, int16 = ScalarType.Int16, @short = ScalarType.Int16,
        int32 = ScalarType.Int32, @int = ScalarType.Int32, int64 = ScalarType.Int64, @long = ScalarType.Int64,
        float16 = ScalarType.Float16, half = ScalarType.Float16, bfloat16 = ScalarType.BFloat16, float32 = ScalarType.Float32,
        @float = ScalarType.Float32, float64 = ScalarType.Float64, @double = ScalarType.Float64, @bool = ScalarType.Bool,
        complex64 = ScalarType.ComplexFloat32, cfloat = ScalarType.ComplexFloat32, complex128 = ScalarType.ComplexFloat64,
        cdouble = ScalarType.ComplexFloat64, qint8 = ScalarType.QInt8, quint8 = ScalarType.QUInt8, qint32 = ScalarType.QInt32;

    public static bool is_integral(ScalarType type) => type is <= ScalarType.Int64 or ScalarType.Bool;
    public static bool is_integral(Tensor t) => is_integral(t.dtype);
    public static bool is_floating_point(ScalarType type) => type is >= ScalarType.Float16 and <= ScalarType.Float64 or ScalarType.BFloat16;
    public static bool is_floating_point(Tensor input) => is_floating_point(input.dtype);
    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;
    public static bool is_complex(Tensor input) => is_complex(input.dtype);

    public static ScalarType get_default_dtype() => (ScalarType)Native.bridge_default_dtype();

    public static void set_default_dtype(ScalarType dtype) => Native.Check(Native.bridge_set_default_dtype((int)dtype));
}
