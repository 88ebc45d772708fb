using System.Text;

namespace ContextAware.Visualization;

/// <summary>Draws a map for a terminal: one line a row, one block of two or more characters a cell.</summary>
public static class TextRenderer
{
    /// <summary>Draws one head.</summary>
    /// <param name="map">The map.</param>
    /// <param name="options">Colours, width, which head; plain text of 80 columns unless told otherwise.</param>
    /// <returns>Lines, each ended by '\n'; colours are reset at the end of each.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or head, or the width is below 20.</exception>
    public static string Render(AttentionMap map, TextOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        options ??= new();
        if (options.Width < 20)
            throw new ArgumentOutOfRangeException(nameof(options), options.Width, "Expected a width of at least 20 characters.");
        var shown = map.Head(options.Layer, options.Head);
        var ink = new TextInk(map, options);
        var text = new StringBuilder();
        Header(text, shown, ink);
        if (shown.Rows == 0 || shown.Columns == 0)
            return text.Append(shown.Rows).Append(" rows × ").Append(shown.Columns).Append(" columns: nothing to draw\n").ToString();

        var layout = new TextLayout(shown, options);
        for (var first = 0; first < shown.Columns; first += layout.ColumnsInPart)
        {
            if (first > 0)
                text.Append('\n');
            Part(text, shown, layout, ink, first, Math.Min(first + layout.ColumnsInPart, shown.Columns));
        }

        Legend(text, map, layout, ink);
        return text.ToString();
    }

    private static void Header(StringBuilder text, AttentionMap map, TextInk ink)
    {
        if (!string.IsNullOrEmpty(map.Title))
            text.Append(ink.Bold(LabelText.Visible(map.Title))).Append('\n');
        if (map.RowAxis is not null && map.ColumnAxis is not null)
            text.Append(ink.Dim($"{LabelText.Visible(map.ColumnAxis)} →  {LabelText.Visible(map.RowAxis)} ↓")).Append('\n');
    }

    private static void Part(StringBuilder text, AttentionMap map, TextLayout layout, TextInk ink, int first, int last)
    {
        foreach (var line in layout.ColumnHeader(first, last))
            text.Append(' ', layout.Gutter).Append(line.TrimEnd()).Append('\n');
        for (var t = 0; t < map.Rows; t++)
        {
            text.Append(layout.RowLabels[t]).Append(' ').Append(ink.Cells(map.Row(0, 0, t)[first..last], layout.CellWidth)).Append('\n');
        }
    }

    private static void Legend(StringBuilder text, AttentionMap map, TextLayout layout, TextInk ink)
    {
        text.Append('\n').Append(' ', layout.Gutter).Append(Numbers.Precise(map.Low)).Append(' ');
        ink.Scale(text, Math.Min(24, layout.Width - layout.Gutter - 12));
        text.Append(' ').Append(Numbers.Precise(map.High)).Append('\n');
    }
}
