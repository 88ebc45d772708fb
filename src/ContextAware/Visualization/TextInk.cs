using System.Text;

namespace ContextAware.Visualization;

/// <summary>Turns values into coloured or shaded characters.</summary>
internal sealed class TextInk(AttentionMap map, TextOptions options)
{
    private const string Reset = "\e[0m";
    private const string Shades = "·░▒▓█";
    private static readonly (Colour Colour, OkLab Look)[] Palette = [.. PaletteColours().Select(c => (c, OkLab.From(c)))];
    private readonly Dictionary<Colour, int> nearest = [];

    public string Bold(string text) => options.Colours == TextColours.Plain ? text : $"\e[1m{text}{Reset}";

    public string Dim(string text) => options.Colours == TextColours.Plain ? text : $"\e[2m{text}{Reset}";

    /// <summary>One row of cells; neighbours of one colour share its escape sequence.</summary>
    public string Cells(ReadOnlySpan<float> values, int width)
    {
        var text = new StringBuilder();
        var last = "";
        foreach (var value in values)
        {
            var share = map.Share(value);
            var number = options.Numbers ? LabelText.Centre(Numbers.Short(value), width) : null;
            if (options.Colours == TextColours.Plain)
            {
                text.Append(number ?? Shaded(share, width));
                continue;
            }

            var colour = options.ColourMap[share];
            var escape = Background(colour) + (number is null ? "" : colour.IsDark ? "\e[97m" : "\e[30m");
            text.Append(escape == last ? "" : escape).Append(number ?? new string(' ', width));
            last = escape;
        }

        return options.Colours == TextColours.Plain ? text.ToString().TrimEnd() : text.Append(Reset).ToString();
    }

    /// <summary>The colours from low to high.</summary>
    public void Scale(StringBuilder text, int width)
    {
        if (options.Colours == TextColours.Plain)
        {
            text.Append(Shades);
            return;
        }

        for (var i = 0; i < width; i++)
            text.Append(Background(options.ColourMap[i / (width - 1.0)])).Append(' ');
        text.Append(Reset);
    }

    // The dot stands alone, so that rows of nothing stay readable; shades fill the cell.
    private static string Shaded(double share, int width)
    {
        var level = share < 0.05 ? 0 : Math.Min(1 + (int)(share * 4), 4);
        return level == 0 ? LabelText.Centre("·", width) : new string(Shades[level], width);
    }

    private string Background(Colour colour)
    {
        if (options.Colours == TextColours.True)
            return $"\e[48;2;{colour.Red};{colour.Green};{colour.Blue}m";
        if (!nearest.TryGetValue(colour, out var index))
        {
            var look = OkLab.From(colour);
            index = nearest[colour] = Enumerable.Range(0, Palette.Length).MinBy(i => Palette[i].Look.DistanceTo(look));
        }

        return $"\e[48;5;{16 + index}m";
    }

    // xterm's colours 16 to 255: a cube of six levels a channel, then 24 greys.
    private static IEnumerable<Colour> PaletteColours()
    {
        static byte Level(int i) => (byte)(i == 0 ? 0 : 55 + 40 * i);
        for (var i = 0; i < 216; i++)
            yield return new(Level(i / 36), Level(i / 6 % 6), Level(i % 6));
        for (var i = 0; i < 24; i++)
            yield return new((byte)(8 + 10 * i), (byte)(8 + 10 * i), (byte)(8 + 10 * i));
    }
}
