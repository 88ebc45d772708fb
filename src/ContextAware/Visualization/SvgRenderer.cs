using System.Globalization;
using ContextAware.IO;

namespace ContextAware.Visualization;

/// <summary>
/// Draws a map as a picture of its own: labelled axes, a colour bar, numbers where they fit, and a description for
/// readers who listen. One panel for each head; text follows the reader's light or dark setting.
/// </summary>
public static class SvgRenderer
{
    private const string Style = """
        <style>
        text{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
        .page{fill:#fff}.ink{fill:#1f2328}.soft{fill:#656d76}.title{fill:#1f2328;font-weight:600}
        .on-dark{fill:#fff}.on-light{fill:#000}.faint{opacity:.4}
        rect{shape-rendering:crispEdges}
        @media (prefers-color-scheme:dark){.page{fill:#0d1117}.ink,.title{fill:#e6edf3}.soft{fill:#8b949e}}
        </style>
        """;

    /// <summary>The picture as SVG text.</summary>
    /// <param name="map">The map; a map of one column is drawn as a vector, with wider cells.</param>
    /// <param name="options">Colours, size, which heads.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or head, or a cell is smaller than a pixel.</exception>
    public static string Render(AttentionMap map, SvgOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        options ??= new();
        var layout = new SvgLayout(map, options);
        var svg = new SvgWriter();
        string width = Numbers.Length(layout.Width), height = Numbers.Length(layout.Height);
        svg.Raw($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">");
        svg.Element("title", layout.Title.Length > 0 ? layout.Title : "Attention map");
        svg.Element("desc", Describe(map, layout));
        svg.Raw(Style.ReplaceLineEndings("\n"));
        svg.Raw($"<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>");
        svg.Text(SvgLayout.Margin, SvgLayout.Margin + SvgLayout.TitleSize - 3, layout.Title, "start", SvgLayout.TitleSize, "title");
        Axes(svg, layout);
        for (var i = 0; i < layout.Layers.Count; i++)
            for (var j = 0; j < layout.Heads.Count; j++)
                Panel(svg, map, options, layout, i, j);
        Bar(svg, map, options, layout);
        svg.Raw("</svg>");
        return svg.ToString();
    }

    /// <summary>Writes the picture to a file, whole or not at all.</summary>
    /// <inheritdoc cref="Render"/>
    /// <inheritdoc cref="AtomicFile.Write"/>
    public static void Save(AttentionMap map, string path, SvgOptions? options = null) => AtomicFile.WriteText(path, Render(map, options));

    private static void Axes(SvgWriter svg, SvgLayout layout)
    {
        var above = layout.Top - layout.ColumnLabelHeight - (layout.HasCaptions ? layout.LabelSize + 4 : 0);
        svg.Text(layout.Left, above - 5, layout.ColumnAxis.Length > 0 ? layout.ColumnAxis + " →" : "", "start", layout.LabelSize, "soft");
        svg.Text(SvgLayout.Margin + layout.LabelSize - 2, layout.Top, layout.RowAxis.Length > 0 ? "← " + layout.RowAxis : "", "end", layout.LabelSize, "soft", angle: -90);
    }

    private static void Panel(SvgWriter svg, AttentionMap map, SvgOptions options, SvgLayout layout, int panelRow, int panelColumn)
    {
        int layer = layout.Layers[panelRow], head = layout.Heads[panelColumn];
        double x = layout.Left + panelColumn * layout.StepX, y = layout.Top + panelRow * layout.StepY;
        var caption = layout.HasCaptions ? map.Caption(layer, head) ?? "" : "";
        svg.Text(x, y - 6 - (panelRow == 0 ? layout.ColumnLabelHeight : 0), caption, "start", Math.Min(layout.LabelSize, 11), "soft");
        if (panelRow == 0)
            ColumnLabels(svg, layout, x, y);
        if (panelColumn == 0)
            RowLabels(svg, layout, x, y);

        for (var t = 0; t < map.Rows; t++)
        {
            var row = map.Row(layer, head, t);
            if (layout.Spacing > 0)
                Cells(svg, map, options, layout, row, t, x, y + t * layout.CellHeight);
            else
                Stripes(svg, map, options, layout, row, x, y + t * layout.CellHeight);
        }
    }

    private static void Cells(SvgWriter svg, AttentionMap map, SvgOptions options, SvgLayout layout, ReadOnlySpan<float> row, int t, double x, double y)
    {
        double width = layout.CellWidth - layout.Spacing, height = layout.CellHeight - layout.Spacing;
        for (var s = 0; s < row.Length; s++, x += layout.CellWidth)
        {
            var colour = options.ColourMap[map.Share(row[s])];
            svg.Cell(x, y, width, height, colour, Hint(map, t, s, row[s]));
            if (!layout.WriteNumbers)
                continue;
            var number = Numbers.Short(row[s]);
            svg.Text(x + width / 2, y + height / 2 + layout.NumberSize * 0.36, number, "middle", layout.NumberSize,
                (colour.IsDark ? "on-dark" : "on-light") + (number == "0" ? " faint" : ""));
        }
    }

    // Cells too small to point at: neighbours of one colour become one rectangle.
    private static void Stripes(SvgWriter svg, AttentionMap map, SvgOptions options, SvgLayout layout, ReadOnlySpan<float> row, double x, double y)
    {
        for (int first = 0, s = 1; s <= row.Length; s++)
        {
            var colour = options.ColourMap[map.Share(row[first])];
            if (s < row.Length && options.ColourMap[map.Share(row[s])] == colour)
                continue;
            svg.Bar(x + first * layout.CellWidth, y, (s - first) * layout.CellWidth, layout.CellHeight, colour);
            first = s;
        }
    }

    private static void ColumnLabels(SvgWriter svg, SvgLayout layout, double x, double y)
    {
        for (var s = 0; s < layout.ColumnLabels.Length; s += layout.ColumnStride)
        {
            var middle = x + (s + 0.5) * layout.CellWidth;
            if (layout.Slanted)
                svg.Text(middle + layout.LabelSize * 0.25, y - 5, layout.ColumnLabels[s], "start", layout.LabelSize, angle: -45);
            else
                svg.Text(middle, y - 6, layout.ColumnLabels[s], "middle", layout.LabelSize);
        }
    }

    private static void RowLabels(SvgWriter svg, SvgLayout layout, double x, double y)
    {
        for (var t = 0; t < layout.RowLabels.Length; t += layout.RowStride)
            svg.Text(x - 7, y + (t + 0.5) * layout.CellHeight + layout.LabelSize * 0.35, layout.RowLabels[t], "end", layout.LabelSize);
    }

    private static void Bar(SvgWriter svg, AttentionMap map, SvgOptions options, SvgLayout layout)
    {
        const int steps = 64;
        for (var i = 0; i < steps; i++)
        {
            // Whole pixels, so that no seam shows between the steps.
            double top = Math.Round(layout.BarHeight * i / steps), bottom = Math.Round(layout.BarHeight * (i + 1) / steps);
            svg.Bar(layout.BarX, layout.Top + top, SvgLayout.BarWidth, bottom - top, options.ColourMap[1 - (i + 0.5) / steps]);
        }

        void Tick(double share, double value)
            => svg.Text(layout.BarX + SvgLayout.BarWidth + 6, layout.Top + Math.Clamp(layout.BarHeight * (1 - share) + 4, 9, layout.BarHeight), Numbers.Precise(value), "start", 11, "soft");
        Tick(1, map.High);
        Tick(0.5, ((double)map.Low + map.High) / 2);
        Tick(0, map.Low);
    }

    private static string Hint(AttentionMap map, int row, int column, float value)
    {
        string rowLabel = LabelText.Visible(map.RowLabels[row]), columnLabel = LabelText.Visible(map.ColumnLabels[column]);
        var place = columnLabel.Length == 0 ? rowLabel : rowLabel.Length == 0 ? columnLabel : $"{rowLabel} ← {columnLabel}";
        return $"{place}: {Numbers.Precise(value)}";
    }

    private static string Describe(AttentionMap map, SvgLayout layout)
    {
        string Axis(int count, string one, string name) => $"{count} {one}{(count == 1 ? "" : "s")}{(name.Length > 0 ? $" ({name})" : "")}";
        var size = $"{Axis(map.Rows, "row", layout.RowAxis)} by {Axis(map.Columns, "column", layout.ColumnAxis)}, "
            + $"values from {Numbers.Precise(map.Low)} to {Numbers.Precise(map.High)}.";
        if (layout.HasCaptions)
            return $"{size} {layout.Layers.Count * layout.Heads.Count} panels, one for each head.";
        if (map.Columns < 2 || map.Rows == 0)
            return size;
        const int most = 40;
        var strongest = Enumerable.Range(0, Math.Min(map.Rows, most)).Select(t =>
        {
            var row = map.Row(layout.Layers[0], layout.Heads[0], t);
            var best = 0;
            for (var s = 1; s < row.Length; s++)
                best = row[s] > row[best] ? s : best;
            return Hint(map, t, best, row[best]);
        });
        return string.Create(CultureInfo.InvariantCulture, $"{size} The highest of each row: {string.Join("; ", strongest)}{(map.Rows > most ? "; and so on" : "")}.");
    }
}
