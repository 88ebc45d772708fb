using System.Buffers.Binary;
using System.IO.Compression;

namespace Caption.Digits;

/// <summary>Handwritten digits, each in a frame of 20×20. Which set a digit is in never changes.</summary>
public sealed class DigitSet
{
    /// <summary>Height and width of a frame.</summary>
    public const int Side = 20;

    private const int Kinds = 10;

    private readonly byte[] frames;
    private readonly int[][] offsets;

    private DigitSet(byte[] frames, int[][] offsets) => (this.frames, this.offsets) = (frames, offsets);

    /// <summary>How many digits there are.</summary>
    public int Count => offsets.Sum(of => of.Length);

    /// <summary>The digits that this program carries, cut by their place: of twenty, seventeen to learn, one to watch, two for the test.</summary>
    public static (DigitSet Train, DigitSet Dev, DigitSet Test) Load()
    {
        using var packed = new GZipStream(typeof(DigitSet).Assembly.GetManifestResourceStream("digits.gz")!, CompressionMode.Decompress);
        using var whole = new MemoryStream();
        packed.CopyTo(whole);
        var bytes = whole.ToArray();
        var all = new List<int>[Kinds];
        var next = Kinds * sizeof(int);
        for (var digit = 0; digit < Kinds; digit++)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(digit * sizeof(int)));
            all[digit] = [.. Enumerable.Range(0, count).Select(i => next + (i * Side * Side))];
            next += count * Side * Side;
        }

        return (Part(place => place < 17), Part(place => place == 17), Part(place => place > 17));

        DigitSet Part(Func<int, bool> takes) =>
            new(bytes, Array.ConvertAll(all, of => of.Where((_, i) => takes(i % 20)).ToArray()));
    }

    /// <summary>How many there are of a digit.</summary>
    public int CountOf(int digit) => offsets[digit].Length;

    /// <summary>The frame of one, row by row, 0 black to 255 white.</summary>
    public ReadOnlySpan<byte> Frame(int digit, int index) => frames.AsSpan(offsets[digit][index], Side * Side);
}
