using System.Text.Json;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>The element types that both the format and TorchSharp know.</summary>
internal static class SafetensorsTypes
{
    internal const string Supported = "F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL";

    internal static bool TryParse(ref Utf8JsonReader json, out ScalarType type)
    {
        ScalarType? found =
            json.ValueTextEquals("F32"u8) ? ScalarType.Float32 :
            json.ValueTextEquals("BF16"u8) ? ScalarType.BFloat16 :
            json.ValueTextEquals("F16"u8) ? ScalarType.Float16 :
            json.ValueTextEquals("F64"u8) ? ScalarType.Float64 :
            json.ValueTextEquals("I64"u8) ? ScalarType.Int64 :
            json.ValueTextEquals("I32"u8) ? ScalarType.Int32 :
            json.ValueTextEquals("I16"u8) ? ScalarType.Int16 :
            json.ValueTextEquals("I8"u8) ? ScalarType.Int8 :
            json.ValueTextEquals("U8"u8) ? ScalarType.Byte :
            json.ValueTextEquals("BOOL"u8) ? ScalarType.Bool : null;
        type = found.GetValueOrDefault();
        return found.HasValue;
    }

    /// <summary>The name in the file, or null for a type that the format lacks.</summary>
    internal static string? NameOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => "F64",
        ScalarType.Float32 => "F32",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        ScalarType.Int32 => "I32",
        ScalarType.Int16 => "I16",
        ScalarType.Int8 => "I8",
        ScalarType.Byte => "U8",
        ScalarType.Bool => "BOOL",
        _ => null,
    };

    internal static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };
}
