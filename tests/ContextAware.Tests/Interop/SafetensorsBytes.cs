using System.Buffers.Binary;
using System.Text;

namespace ContextAware.Tests.Interop;

/// <summary>Makes safetensors files by hand, broken ones too.</summary>
internal static class SafetensorsBytes
{
    internal static byte[] Make(string header, int dataLength = 0, ulong? claimedLength = null) =>
        Make(Encoding.UTF8.GetBytes(header), new byte[dataLength], claimedLength);

    internal static byte[] Make(byte[] header, byte[] data, ulong? claimedLength = null)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, claimedLength ?? (ulong)header.Length);
        return [.. length, .. header, .. data];
    }
}
