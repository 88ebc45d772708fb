using System.Text;
using System.Text.Json;
using ContextAware.IO;

namespace ContextAware.Visualization;

/// <summary>
/// Draws pictures with the attention laid over them, step by step, as one web page that needs nothing else: a caption word by
/// word, an answer map by map. The number of a place shows under the mouse.
/// </summary>
/// <remarks>The page's own policy forbids every request and every script but its own, so that a label can't do harm.</remarks>
public static class PictureRenderer
{
    private static readonly HtmlPage Page = new("PicturePage");

    /// <summary>The page as HTML text.</summary>
    /// <param name="pictures">The pictures, at least one; each may have another size and other steps.</param>
    /// <param name="options">Heading and colours.</param>
    /// <exception cref="ArgumentException">There is no picture, or one is null.</exception>
    public static string Render(IReadOnlyList<PictureMap> pictures, HtmlOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
            throw new ArgumentException("Expected at least one picture.", nameof(pictures));
        options ??= new();
        return Page.Fill(options.Title, Data(pictures, options));
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <inheritdoc cref="Render"/>
    /// <inheritdoc cref="AtomicFile.Write"/>
    public static void Save(IReadOnlyList<PictureMap> pictures, string path, HtmlOptions? options = null)
        => AtomicFile.WriteText(path, Render(pictures, options));

    // The serialiser's default encoder writes <, >, & and quotes as \u escapes: no label can end the script element.
    private static string Data(IReadOnlyList<PictureMap> pictures, HtmlOptions options)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            HtmlPage.WriteColours(json, options.ColourMap);
            json.WriteStartArray("pictures");
            foreach (var picture in pictures)
                Write(json, picture ?? throw new ArgumentException("A picture is null.", nameof(pictures)));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, PictureMap picture)
    {
        json.WriteStartObject();
        json.WriteString("title", LabelText.Visible(picture.Title ?? ""));
        json.WriteNumber("height", picture.Height);
        json.WriteNumber("width", picture.Width);
        json.WriteNumber("channels", picture.Channels);
        json.WriteString("pixels", Convert.ToBase64String([.. picture.Pixels]));
        json.WriteStartArray("steps");
        foreach (var step in picture.Steps)
        {
            json.WriteStartObject();
            json.WriteString("label", LabelText.Visible(step.Label));
            json.WriteNumber("rows", step.Weights.GetLength(0));
            json.WriteNumber("columns", step.Weights.GetLength(1));
            json.WriteString("weights", HtmlPage.Base64([.. step.Weights.Cast<float>()]));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
