using System.Text;
using System.Text.Json;
using ContextAware.IO;

namespace ContextAware.Visualization;

/// <summary>
/// Draws maps as one web page that needs nothing else: examples to step through, layers and heads to choose, the number of a
/// cell under the mouse and on keyboard focus, in the reader's light or dark setting.
/// </summary>
/// <remarks>
/// The page's own policy forbids every request and every script but its own, so that a label can't do harm.
/// A cell is an element of the page; maps of more than some 40,000 cells are better drawn as SVG.
/// </remarks>
public static class HtmlRenderer
{
    private static readonly HtmlPage Page = new("AttentionPage");

    /// <summary>The page as HTML text.</summary>
    /// <param name="examples">The maps, at least one; each may have another size and other labels.</param>
    /// <param name="options">Heading and colours.</param>
    /// <exception cref="ArgumentException">There is no example.</exception>
    public static string Render(IReadOnlyList<AttentionMap> examples, HtmlOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count == 0)
            throw new ArgumentException("Expected at least one map.", nameof(examples));
        options ??= new();
        return Page.Fill(options.Title, Data(examples, options));
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <inheritdoc cref="Render"/>
    /// <inheritdoc cref="AtomicFile.Write"/>
    public static void Save(IReadOnlyList<AttentionMap> examples, string path, HtmlOptions? options = null)
        => AtomicFile.WriteText(path, Render(examples, options));

    // The serialiser's default encoder writes <, >, & and quotes as \u escapes: no label can end the script element.
    private static string Data(IReadOnlyList<AttentionMap> examples, HtmlOptions options)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            HtmlPage.WriteColours(json, options.ColourMap);
            json.WriteStartArray("maps");
            foreach (var map in examples)
                Write(json, map ?? throw new ArgumentException("A map is null.", nameof(examples)));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, AttentionMap map)
    {
        json.WriteStartObject();
        json.WriteString("title", LabelText.Visible(map.Title ?? ""));
        json.WriteString("rowAxis", LabelText.Visible(map.RowAxis ?? ""));
        json.WriteString("columnAxis", LabelText.Visible(map.ColumnAxis ?? ""));
        Labels(json, "rows", map.RowLabels);
        Labels(json, "columns", map.ColumnLabels);
        json.WriteNumber("layers", map.Layers);
        json.WriteNumber("heads", map.Heads);
        json.WriteNumber("low", map.Low);
        json.WriteNumber("high", map.High);
        json.WriteString("weights", HtmlPage.Base64(map.Flat));
        if (map.Low == 0 && map.Rows > 0 && map.Columns > 1) // no alignment in scores, or in a single column
            Quality(json, map);
        json.WriteEndObject();
    }

    private static void Quality(Utf8JsonWriter json, AttentionMap map)
    {
        json.WriteStartArray("quality");
        for (var i = 0; i < map.Layers * map.Heads; i++)
        {
            var quality = AlignmentQuality.Of(map, i / map.Heads, i % map.Heads);
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(quality.MeanEntropy, 4));
            json.WriteNumberValue(Math.Round(quality.DiagonalShare, 4));
            json.WriteNumberValue(Math.Round(quality.CoveredShare, 4));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void Labels(Utf8JsonWriter json, string name, IReadOnlyList<string> labels)
    {
        json.WriteStartArray(name);
        foreach (var label in labels)
            json.WriteStringValue(LabelText.Visible(label));
        json.WriteEndArray();
    }
}
