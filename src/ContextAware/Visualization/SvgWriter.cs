using System.Text;

namespace ContextAware.Visualization;

/// <summary>Writes the few SVG elements that the pictures are made of. All text is made visible and escaped here.</summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder svg = new();

    public void Raw(string markup) => svg.Append(markup).Append('\n');

    public void Element(string name, string text) => svg.Append('<').Append(name).Append('>').Append(Escape(text)).Append("</").Append(name).Append(">\n");

    public void Cell(double x, double y, double width, double height, Colour fill, string hint)
        => svg.Append("<rect").Append(Box(x, y, width, height)).Append(" fill=\"").Append(fill.Hex).Append("\"><title>").Append(Escape(hint)).Append("</title></rect>\n");

    public void Bar(double x, double y, double width, double height, Colour fill)
        => svg.Append("<rect").Append(Box(x, y, width, height)).Append(" fill=\"").Append(fill.Hex).Append("\"/>\n");

    public void Path(string data, string style)
        => svg.Append("<path class=\"").Append(style).Append("\" d=\"").Append(data).Append("\"/>\n");

    public void Dot(double x, double y, double radius, string style, string hint)
        => svg.Append("<circle class=\"").Append(style).Append("\" cx=\"").Append(Numbers.Length(x)).Append("\" cy=\"").Append(Numbers.Length(y))
            .Append("\" r=\"").Append(Numbers.Length(radius)).Append("\"><title>").Append(Escape(hint)).Append("</title></circle>\n");

    /// <summary>A line of text that starts, is centred or ends at a point; right-to-left text keeps that place.</summary>
    public void Text(double x, double y, string text, string anchor, double size, string style = "ink", double angle = 0)
    {
        if (text.Length == 0)
            return;
        svg.Append("<text class=\"").Append(style).Append("\" font-size=\"").Append(Numbers.Length(size)).Append('"');
        if (angle == 0)
            svg.Append(" x=\"").Append(Numbers.Length(x)).Append("\" y=\"").Append(Numbers.Length(y)).Append('"');
        else
            svg.Append(" transform=\"translate(").Append(Numbers.Length(x)).Append(' ').Append(Numbers.Length(y)).Append(") rotate(").Append(Numbers.Length(angle)).Append(")\"");
        var rightToLeft = LabelText.StartsRightToLeft(text);
        if (rightToLeft)
            svg.Append(" direction=\"rtl\"");
        // An anchor is counted in reading direction.
        var side = (anchor, rightToLeft) switch { ("start", true) => "end", ("end", true) => "start", _ => anchor };
        if (side != "start")
            svg.Append(" text-anchor=\"").Append(side).Append('"');
        svg.Append('>').Append(Escape(text)).Append("</text>\n");
    }

    public override string ToString() => svg.ToString();

    public static string Escape(string text)
        => LabelText.Visible(text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    private static string Box(double x, double y, double width, double height)
        => $" x=\"{Numbers.Length(x)}\" y=\"{Numbers.Length(y)}\" width=\"{Numbers.Length(width)}\" height=\"{Numbers.Length(height)}\"";
}
