namespace ContextAware.Visualization;

/// <summary>Where everything of an SVG picture goes. All lengths are pixels.</summary>
internal sealed class SvgLayout
{
    public const double Margin = 16;
    public const double TitleSize = 15;
    public const double BarWidth = 12;
    private const double Gap = 18; // between panels, and before the colour bar
    private const double SmallestLabel = 9;
    private const int LongestLabel = 24;

    public SvgLayout(AttentionMap map, SvgOptions options)
    {
        Layers = Chosen(options.Layer, map.Layers, nameof(options.Layer));
        Heads = Chosen(options.Head, map.Heads, nameof(options.Head));
        int rows = Math.Max(1, map.Rows), columns = Math.Max(1, map.Columns);
        CellHeight = options.CellSize ?? Math.Clamp(Math.Floor(Math.Min(860.0 / (columns * Heads.Count), 1200.0 / (rows * Layers.Count))), 3, 36);
        if (!(CellHeight >= 1))
            throw new ArgumentOutOfRangeException(nameof(options), CellHeight, "Expected a cell of at least one pixel.");
        // A single vector has room to the sides.
        CellWidth = map.Columns == 1 && options.CellSize is null ? Math.Max(CellHeight, 56) : CellHeight;
        Spacing = CellHeight >= 14 ? 1 : 0;
        LabelSize = Math.Clamp(Math.Round(CellHeight * 0.42), SmallestLabel, 14);
        RowStride = Math.Max(1, (int)Math.Ceiling((SmallestLabel + 1) / CellHeight));
        ColumnStride = Math.Max(1, (int)Math.Ceiling((SmallestLabel + 1) / CellWidth));

        Title = LabelText.Visible(map.Title ?? "");
        RowLabels = [.. map.RowLabels.Select(Short)];
        ColumnLabels = [.. map.ColumnLabels.Select(Short)];
        RowAxis = LabelText.Visible(map.RowAxis ?? "");
        ColumnAxis = LabelText.Visible(map.ColumnAxis ?? "");
        var widestColumn = Widest(ColumnLabels);
        Slanted = widestColumn > CellWidth * ColumnStride - 3;
        var sine = Math.Sqrt(0.5);
        ColumnLabelHeight = widestColumn == 0 ? 0 : Slanted ? widestColumn * sine + LabelSize : LabelSize + 6;
        // The last slanted label leans out to the right.
        var overhang = Slanted ? Math.Max(0, widestColumn * sine - CellWidth / 2) : 0;

        HasCaptions = Layers.Count * Heads.Count > 1;
        // Cells start at whole pixels, to be equally wide and sharp.
        Left = Math.Ceiling(Margin + (RowAxis.Length > 0 ? LabelSize + 8 : 0) + Widest(RowLabels) + 7);
        Top = Math.Ceiling(Margin + (Title.Length > 0 ? TitleSize + 11 : 0) + (ColumnAxis.Length > 0 ? LabelSize + 6 : 0) + ColumnLabelHeight);
        PanelWidth = map.Columns * CellWidth;
        PanelHeight = map.Rows * CellHeight;
        StepX = PanelWidth + Gap;
        StepY = PanelHeight + Gap + (HasCaptions ? LabelSize + 4 : 0);
        if (HasCaptions)
            Top += LabelSize + 4;
        Right = Left + Heads.Count * StepX - Gap;
        Bottom = Top + Layers.Count * StepY - (StepY - PanelHeight);
        BarX = Math.Ceiling(Right + Math.Max(Gap, overhang + 6));
        BarHeight = Math.Clamp(Bottom - Top, 72, 220);
        var scale = Math.Max(LabelText.Ems(Numbers.Precise(map.Low)), LabelText.Ems(Numbers.Precise(map.High))) * 11;
        Width = Math.Ceiling(Math.Max(BarX + BarWidth + 6 + scale, Margin + LabelText.Ems(Title) * TitleSize * 1.1) + Margin);
        Height = Math.Ceiling(Math.Max(Bottom, Top + BarHeight) + Margin);
        NumberSize = Math.Min(12, Math.Floor(Math.Min(CellHeight * 0.45, CellWidth / 2.2)));
        WriteNumbers = Spacing > 0 && (options.Numbers ?? NumberSize >= 8);
    }

    public IReadOnlyList<int> Layers { get; }

    public IReadOnlyList<int> Heads { get; }

    public double CellWidth { get; }

    public double CellHeight { get; }

    public double Spacing { get; }

    public double LabelSize { get; }

    public double NumberSize { get; }

    public bool WriteNumbers { get; }

    public int RowStride { get; }

    public int ColumnStride { get; }

    public string Title { get; }

    public string[] RowLabels { get; }

    public string[] ColumnLabels { get; }

    public string RowAxis { get; }

    public string ColumnAxis { get; }

    public bool Slanted { get; }

    public bool HasCaptions { get; }

    public double ColumnLabelHeight { get; }

    public double Left { get; }

    public double Top { get; }

    public double Right { get; }

    public double Bottom { get; }

    public double PanelWidth { get; }

    public double PanelHeight { get; }

    public double StepX { get; }

    public double StepY { get; }

    public double BarX { get; }

    public double BarHeight { get; }

    public double Width { get; }

    public double Height { get; }

    private static string Short(string label) => LabelText.Cut(LabelText.Visible(label), LongestLabel);

    private static IReadOnlyList<int> Chosen(int? index, int count, string name) => index switch
    {
        null => [.. Enumerable.Range(0, count)],
        >= 0 when index < count => [index.Value],
        _ => throw new ArgumentOutOfRangeException(name, index, $"Expected 0 to {count - 1}."),
    };

    private double Widest(string[] labels) => labels.Select(LabelText.Ems).DefaultIfEmpty(0).Max() * LabelSize;
}
