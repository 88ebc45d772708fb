using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ContextAware.Visualization;

/// <summary>A page and its script among the assembly's resources, to be filled with a title and data.</summary>
/// <param name="name">The name of both, without its ending.</param>
internal sealed partial class HtmlPage(string name)
{
    private readonly Lazy<string> page = new(() => Resource($"{name}.html"));
    private readonly Lazy<string> script = new(() => Resource($"{name}.js"));

    /// <summary>The page, whose policy allows its own script and nothing else.</summary>
    /// <param name="title">Plain text.</param>
    /// <param name="data">JSON in which &lt;, &gt; and &amp; are escaped.</param>
    public string Fill(string title, string data)
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Value)));
        // In one pass: what is filled in may itself look like a placeholder.
        return Placeholder().Replace(page.Value, match => match.Value switch
        {
            "{{title}}" => WebUtility.HtmlEncode(LabelText.Visible(title)),
            "{{data}}" => data,
            "{{script-hash}}" => $"sha256-{hash}",
            _ => script.Value,
        });
    }

    /// <summary>Writes all colour maps, and which one is chosen.</summary>
    public static void WriteColours(Utf8JsonWriter json, ColourMap chosen)
    {
        json.WriteNumber("chosen", Math.Max(0, ColourMap.All.ToList().IndexOf(chosen)));
        json.WriteStartArray("colours");
        foreach (var map in ColourMap.All)
        {
            json.WriteStartObject();
            json.WriteString("name", map.Name);
            json.WriteString("hex", string.Concat(map.Colours.Select(c => c.Hex[1..])));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Numbers as the scripts decode them: float32, little endian, base64.</summary>
    public static string Base64(ReadOnlySpan<float> values)
    {
        var bytes = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return Convert.ToBase64String(bytes);
    }

    [GeneratedRegex(@"\{\{(title|data|script|script-hash)\}\}")]
    private static partial Regex Placeholder();

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream($"ContextAware.Visualization.{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
