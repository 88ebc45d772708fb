namespace TinyStories.Stories;

/// <summary>Makes blanks of the control characters of UTF-8 text that comes in pieces, except line ends and tabs: a terminal would obey them.</summary>
public sealed class ControlFilter
{
    // U+0080 to U+009F are this and a second byte, which may come with the next piece. With the second byte of a blank it is one.
    private const byte First = 0xC2;
    private const byte SecondOfBlank = 0xA0;

    private bool isAfterFirst;

    /// <summary>The next piece, of the same length.</summary>
    public byte[] Filter(ReadOnlySpan<byte> piece)
    {
        var filtered = piece.ToArray();
        for (var i = 0; i < filtered.Length; i++)
        {
            var unit = filtered[i];
            if (isAfterFirst && unit is >= 0x80 and < SecondOfBlank) filtered[i] = SecondOfBlank;
            else if (unit is 0x7F || (unit < ' ' && unit is not ((byte)'\n' or (byte)'\t'))) filtered[i] = (byte)' ';
            isAfterFirst = unit == First;
        }

        return filtered;
    }
}
