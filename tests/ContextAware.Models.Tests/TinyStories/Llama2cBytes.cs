using System.Buffers.Binary;
using System.Text;

namespace ContextAware.Models.Tests.TinyStories;

/// <summary>Small files in the llama2.c layouts, written by hand.</summary>
internal static class Llama2cBytes
{
    /// <summary>Width 8, hidden 6, 2 layers, 2 heads, 1 key-value head, 5 tokens, context 3; element i of the weights is i.</summary>
    public static byte[] Model(bool tied = true)
    {
        int[] sizes = [8, 6, 2, 2, 1, tied ? 5 : -5, 3];
        var layer = 8 + (8 * 8) + (2 * 4 * 8) + (8 * 8) + 8 + (3 * 6 * 8);
        var count = (5 * 8) + (2 * layer) + 8 + (2 * 3 * 2) + (tied ? 0 : 5 * 8);
        var bytes = new byte[28 + (4 * count)];
        for (var i = 0; i < 7; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), sizes[i]);
        for (var i = 0; i < count; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(28 + (4 * i)), i);
        return bytes;
    }

    public static byte[] Tokenizer(int longest, params (float Score, string Piece)[] pieces)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(longest);
        foreach (var (score, piece) in pieces)
        {
            var bytes = Encoding.UTF8.GetBytes(piece);
            writer.Write(score);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        writer.Flush();
        return stream.ToArray();
    }
}
