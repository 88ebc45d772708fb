namespace Caption.Digits;

/// <summary>A picture of one to four digits, scattered, of which none hides another.</summary>
/// <param name="Pixels">Row by row, 0 black to 255 white.</param>
/// <param name="Boxes">The digits from left to right.</param>
public sealed record Scene(byte[] Pixels, IReadOnlyList<DigitBox> Boxes)
{
    /// <summary>Rows of a picture.</summary>
    public const int Height = 40;

    /// <summary>Columns of a picture.</summary>
    public const int Width = 96;

    /// <summary>The most digits of a picture.</summary>
    public const int MostDigits = Width / DigitSet.Side;

    /// <summary>The digits' names from left to right.</summary>
    public IEnumerable<string> Words => Boxes.Select(box => DigitWords.Names[box.Digit]);

    /// <summary>Makes a picture.</summary>
    /// <param name="digits">Where the digits come from.</param>
    /// <param name="random">Chooses digits and places.</param>
    public static Scene Draw(DigitSet digits, Random random)
    {
        var pixels = new byte[Height * Width];
        var count = random.Next(1, MostDigits + 1);
        var boxes = new List<DigitBox>();
        foreach (var left in Lefts(count, random))
        {
            var box = new DigitBox(random.Next(DigitWords.Names.Count), random.Next(Height - DigitSet.Side + 1), left);
            Paste(pixels, digits.Frame(box.Digit, random.Next(digits.CountOf(box.Digit))), box);
            boxes.Add(box);
        }

        return new(pixels, boxes);
    }

    /// <summary>Makes as many pictures; the same seed makes the same ones.</summary>
    public static Scene[] DrawMany(DigitSet digits, int count, long seed)
    {
        var random = new Random(unchecked((int)seed));
        return [.. Enumerable.Range(0, count).Select(_ => Draw(digits, random))];
    }

    // The room that the digits leave is cut at random places, so that every arrangement is as likely.
    private static IEnumerable<int> Lefts(int count, Random random)
    {
        var room = Width - (count * DigitSet.Side);
        var cuts = Enumerable.Range(0, count).Select(_ => random.Next(room + 1)).Order().ToArray();
        return cuts.Select((cut, i) => cut + (i * DigitSet.Side));
    }

    private static void Paste(byte[] pixels, ReadOnlySpan<byte> frame, DigitBox box)
    {
        for (var row = 0; row < DigitSet.Side; row++)
            frame.Slice(row * DigitSet.Side, DigitSet.Side).CopyTo(pixels.AsSpan(((box.Top + row) * Width) + box.Left));
    }
}
