using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
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
public static partial class HtmlRenderer
{
    private static readonly Lazy<string> Page = new(() => Resource("AttentionPage.html"));
    private static readonly Lazy<string> Script = new(() => Resource("AttentionPage.js"));

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
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script.Value)));
        // In one pass: what is filled in may itself look like a placeholder.
        return Placeholder().Replace(Page.Value, match => match.Value switch
        {
            "{{title}}" => WebUtility.HtmlEncode(LabelText.Visible(options.Title)),
            "{{data}}" => Data(examples, options),
            "{{script-hash}}" => $"sha256-{hash}",
            _ => Script.Value,
        });
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <inheritdoc cref="Render"/>
    /// <inheritdoc cref="AtomicFile.Write"/>
    public static void Save(IReadOnlyList<AttentionMap> examples, string path, HtmlOptions? options = null)
        => AtomicFile.WriteText(path, Render(examples, options));

    [GeneratedRegex(@"\{\{(title|data|script|script-hash)\}\}")]
    private static partial Regex Placeholder();

    // The serialiser's default encoder writes <, >, & and quotes as \u escapes: no label can end the script element.
    private static string Data(IReadOnlyList<AttentionMap> examples, HtmlOptions options)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("chosen", Math.Max(0, ColourMap.All.ToList().IndexOf(options.ColourMap)));
            json.WriteStartArray("colours");
            foreach (var map in ColourMap.All)
            {
                json.WriteStartObject();
                json.WriteString("name", map.Name);
                json.WriteString("hex", string.Concat(map.Colours.Select(c => c.Hex[1..])));
                json.WriteEndObject();
            }

            json.WriteEndArray();
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
        json.WriteString("weights", Base64(map.Flat));
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

    private static string Base64(ReadOnlySpan<float> values)
    {
        var bytes = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return Convert.ToBase64String(bytes);
    }

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlRenderer).Assembly.GetManifestResourceStream($"ContextAware.Visualization.{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
