using ContextAware.IO;

namespace ContextAware.Visualization;

/// <summary>
/// Numbers over numbers, as lines: the curves of a training, an error by length. Drawn as SVG, with a description for readers
/// who listen; lines differ in dash as well as in colour, and text follows the reader's light or dark setting.
/// </summary>
/// <param name="title">Stands above it.</param>
public sealed class LineChart(string title)
{
    private const double Width = 680;
    private const double Height = 300;
    private const double Left = 64;
    private const double Right = 20;
    private const double Top = 62;
    private const double Bottom = 46;
    private const int MostMarkers = 60;

    // Okabe and Ito's colours, which colour-blind readers can tell apart; lighter ones on a dark page.
    private const string Style = """
        <style>
        text{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
        .page{fill:#fff}.ink{fill:#1f2328}.soft{fill:#656d76}.title{fill:#1f2328;font-weight:600}
        .grid{stroke:#d0d7de;stroke-width:1;fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .s0{stroke:#0072b2;color:#0072b2}.s1{stroke:#d55e00;color:#d55e00;stroke-dasharray:7 4}.s2{stroke:#009e73;color:#009e73;stroke-dasharray:2 4}
        .s3{stroke:#cc79a7;color:#cc79a7;stroke-dasharray:10 3 2 3}.dot{fill:currentColor;stroke:none}
        @media (prefers-color-scheme:dark){.page{fill:#0d1117}.ink,.title{fill:#e6edf3}.soft{fill:#8b949e}.grid{stroke:#30363d}
        .s0{stroke:#56b4e9;color:#56b4e9}.s1{stroke:#ff9d57;color:#ff9d57}.s2{stroke:#3fd0a5;color:#3fd0a5}.s3{stroke:#e3a5c7;color:#e3a5c7}}
        </style>
        """;

    private const int Styles = 4;

    /// <summary>Stands above it.</summary>
    public string Title { get; } = title ?? throw new ArgumentNullException(nameof(title));

    /// <summary>What goes to the right; may be null.</summary>
    public string? XAxis { get; init; }

    /// <summary>What goes up; may be null.</summary>
    public string? YAxis { get; init; }

    /// <summary>The lines, at most four.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Charts under each other, as SVG text.</summary>
    /// <param name="charts">The charts; at least one.</param>
    /// <exception cref="ArgumentException">There is no chart, or one has more than four lines.</exception>
    public static string Render(params IReadOnlyList<LineChart> charts)
    {
        ArgumentNullException.ThrowIfNull(charts);
        if (charts.Count == 0) throw new ArgumentException("Expected at least one chart, got none.", nameof(charts));
        if (charts.FirstOrDefault(chart => chart.Series.Count > Styles) is { } crowded)
            throw new ArgumentException($"Expected at most {Styles} lines in a chart, got {crowded.Series.Count} in '{crowded.Title}'.", nameof(charts));
        var svg = new SvgWriter();
        string width = Numbers.Length(Width), height = Numbers.Length(Height * charts.Count);
        svg.Raw($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">");
        svg.Element("title", string.Join("; ", charts.Select(chart => chart.Title)));
        svg.Element("desc", string.Join(" ", charts.Select(chart => chart.Describe())));
        svg.Raw(Style.ReplaceLineEndings("\n"));
        svg.Raw($"<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>");
        for (var i = 0; i < charts.Count; i++) charts[i].Draw(svg, i * Height);
        svg.Raw("</svg>");
        return svg.ToString();
    }

    /// <summary>Writes the picture to a file, whole or not at all.</summary>
    /// <inheritdoc cref="Render"/>
    /// <inheritdoc cref="AtomicFile.Write"/>
    public static void Save(IReadOnlyList<LineChart> charts, string path) => AtomicFile.WriteText(path, Render(charts));

    private void Draw(SvgWriter svg, double top)
    {
        svg.Text(16, top + 26, Title, "start", 15, "title");
        var points = Series.SelectMany(series => series.Points).ToList();
        if (!points.Any(IsDrawn))
        {
            svg.Text(16, top + 50, "nothing to draw yet", "start", 12, "soft");
            return;
        }

        var (across, up) = (new ChartScale(points.Where(IsDrawn).Select(point => point.X), 8, fromZero: false), new ChartScale(points.Select(point => point.Y), 5, fromZero: true));
        Axes(svg, across, up, top);
        var legend = Left;
        for (var i = 0; i < Series.Count; i++)
        {
            Line(svg, Series[i], $"s{i}", across, up, top);
            svg.Path($"M{Numbers.Length(legend)} {Numbers.Length(top + 45)}h26", $"line s{i}");
            svg.Text(legend + 32, top + 49, Series[i].Name, "start", 12);
            legend += 32 + (LabelText.Ems(Series[i].Name) * 12) + 22;
        }
    }

    private void Axes(SvgWriter svg, ChartScale across, ChartScale up, double top)
    {
        foreach (var tick in up.Ticks)
        {
            var y = Y(up, tick, top);
            svg.Path($"M{Numbers.Length(Left)} {Numbers.Length(y)}H{Numbers.Length(Width - Right)}", "grid");
            svg.Text(Left - 8, y + 4, Numbers.Precise(tick), "end", 11, "soft");
        }

        foreach (var tick in across.Ticks) svg.Text(X(across, tick), top + Height - Bottom + 18, Numbers.Plain(tick), "middle", 11, "soft");
        svg.Text(Width - Right, top + Height - 8, XAxis is null ? "" : XAxis + " →", "end", 12, "soft");
        svg.Text(20, top + Top, YAxis is null ? "" : YAxis + " →", "end", 12, "soft", angle: -90);
    }

    private static void Line(SvgWriter svg, ChartSeries series, string style, ChartScale across, ChartScale up, double top)
    {
        var path = string.Concat(series.Points.Select((point, i) => !IsDrawn(point)
            ? ""
            : $"{(i > 0 && IsDrawn(series.Points[i - 1]) ? 'L' : 'M')}{Numbers.Length(X(across, point.X))} {Numbers.Length(Y(up, point.Y, top))}"));
        svg.Path(path, $"line {style}");
        if (series.Points.Count > MostMarkers) return;
        foreach (var (x, y) in series.Points.Where(IsDrawn))
            svg.Dot(X(across, x), Y(up, y, top), 3, $"dot {style}", $"{series.Name}: {Numbers.Precise(y)} at {Numbers.Plain(x)}");
    }

    private string Describe() => $"{Title}: " + string.Join(", ", Series.Select(series => series.Points.Where(IsDrawn).ToList() switch
    {
        [] => $"{series.Name} has no points",
        var points => $"{series.Name} goes from {Numbers.Precise(points[0].Y)} at {Numbers.Plain(points[0].X)} to {Numbers.Precise(points[^1].Y)} at {Numbers.Plain(points[^1].X)}",
    })) + ".";

    private static bool IsDrawn((double X, double Y) point) => ChartScale.Takes(point.X) && ChartScale.Takes(point.Y);

    private static double X(ChartScale scale, double value) => Left + (scale.Share(value) * (Width - Left - Right));

    private static double Y(ChartScale scale, double value, double top) => top + Height - Bottom - (scale.Share(value) * (Height - Top - Bottom));
}
