namespace ContextAware.Visualization;

/// <summary>Sizes, and labels cut to them.</summary>
internal sealed class TextLayout
{
    private const int LongestLabel = 16;

    private readonly string[] columnLabels;
    private readonly bool vertical;

    public TextLayout(AttentionMap map, TextOptions options)
    {
        Width = options.Width;
        string[] rows = [.. map.RowLabels.Select(LabelText.Visible)];
        var rowWidth = Math.Min(rows.Max(LabelText.Columns), Math.Min(LongestLabel, options.Width / 3));
        RowLabels = [.. rows.Select(label => Isolate(LabelText.Fit(label, rowWidth, right: true)))];
        Gutter = rowWidth + 1;

        columnLabels = [.. map.ColumnLabels.Select(label => LabelText.Cut(LabelText.Visible(label), LongestLabel))];
        var space = options.Width - Gutter;
        var longest = columnLabels.Max(LabelText.Columns);
        var smallest = options.Numbers ? 4 : 2;
        var flat = Math.Max(smallest, longest + 1);
        // Labels are written downwards where side by side they would make the map too wide.
        vertical = flat > smallest && (long)flat * map.Columns > space;
        CellWidth = vertical ? smallest : flat;
        ColumnsInPart = Math.Max(1, space / CellWidth);
    }

    public int Width { get; }

    public int Gutter { get; }

    public int CellWidth { get; }

    public int ColumnsInPart { get; }

    public string[] RowLabels { get; }

    public IEnumerable<string> ColumnHeader(int first, int last)
    {
        var labels = columnLabels[first..last];
        if (labels.All(label => label.Length == 0))
            return [];
        if (!vertical)
            return [string.Concat(labels.Select(label => Isolate(LabelText.Centre(label, CellWidth))))];
        string[][] letters = [.. labels.Select(label => LabelText.Elements(label).ToArray())];
        var height = letters.Max(x => x.Length);
        return Enumerable.Range(0, height).Select(line => string.Concat(letters.Select(x =>
            Isolate(LabelText.Centre(x.ElementAtOrDefault(line - (height - x.Length)) ?? "", CellWidth)))));
    }

    // A left-to-right mark on both sides keeps a terminal that reorders text from swapping whole cells.
    private static string Isolate(string text) => LabelText.HasRightToLeft(text) ? $"\u200E{text}\u200E" : text;
}
