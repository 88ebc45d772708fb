using System.Globalization;

namespace ContextAware.Visualization;

/// <summary>
/// From a number between 0 and 1 to a colour. All maps change lightness evenly from end to end, so that equal steps
/// look equal, also to colour-blind readers and in print.
/// </summary>
public sealed class ColourMap
{
    private readonly Colour[] colours;

    private ColourMap(string name, IEnumerable<Colour> colours)
    {
        Name = name;
        this.colours = [.. colours];
    }

    /// <summary>Dark violet over green to yellow: matplotlib's default, by van der Walt and Smith (2015).</summary>
    public static ColourMap Viridis { get; } = FromAnchors("Viridis",
        "440154 481f71 443a83 3b528b 31688e 287c8e 21908c 20a486 35b779 5dc963 8fd744 c7e020 fde725");

    /// <summary>Dark blue over grey to yellow: nearly the same with and without colour-blindness, by Nuñez et al. (2018).</summary>
    public static ColourMap Cividis { get; } = FromAnchors("Cividis",
        "00224e 003171 2b406d 434e6c 575d6d 6a6c71 7c7b78 908b78 a59c74 bbad6c d2bf60 e9d24e fee838");

    /// <summary>White to dark blue: for paper, where nothing should look like nothing. Lightness is linear in OKLab.</summary>
    public static ColourMap Blues { get; } = new("Blues", Enumerable.Range(0, 256).Select(i =>
    {
        double t = i / 255.0, chroma = 0.14 * Math.Sin(Math.PI * Math.Pow(t, 0.8)) + 0.05 * t, hue = (240 + 25 * t) * Math.PI / 180;
        return new OkLab(0.985 - 0.72 * t, chroma * Math.Cos(hue), chroma * Math.Sin(hue)).ToColour();
    }));

    /// <summary>All maps.</summary>
    public static IReadOnlyList<ColourMap> All { get; } = [Viridis, Cividis, Blues];

    /// <summary>The map's name.</summary>
    public string Name { get; }

    /// <summary>The colour for a number; below 0 and above 1 the ends.</summary>
    public Colour this[double t] => colours[(int)Math.Round(Math.Clamp(t, 0, 1) * (colours.Length - 1))];

    /// <summary>256 colours from end to end.</summary>
    public IReadOnlyList<Colour> Colours => colours;

    /// <inheritdoc/>
    public override string ToString() => Name;

    // Thirteen colours and straight lines between them are within 0.005 of the 256-entry tables in OKLab:
    // a quarter of what an eye can tell apart.
    private static ColourMap FromAnchors(string name, string hex)
    {
        Colour[] anchors = [.. hex.Split(' ').Select(Parse)];
        return new(name, Enumerable.Range(0, 256).Select(i =>
        {
            var position = i / 255.0 * (anchors.Length - 1);
            var below = Math.Min((int)position, anchors.Length - 2);
            return Mix(anchors[below], anchors[below + 1], position - below);
        }));
    }

    private static Colour Mix(Colour a, Colour b, double t)
    {
        byte Channel(byte x, byte y) => (byte)Math.Round(x + (y - x) * t);
        return new(Channel(a.Red, b.Red), Channel(a.Green, b.Green), Channel(a.Blue, b.Blue));
    }

    private static Colour Parse(string hex)
    {
        var number = int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new((byte)(number >> 16), (byte)(number >> 8), (byte)number);
    }
}
