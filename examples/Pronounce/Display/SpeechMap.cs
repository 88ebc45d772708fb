using ContextAware.Visualization;
using Examples.Common;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;

namespace Pronounce.Display;

/// <summary>Shows where the model looked: letters across, phones down.</summary>
internal static class SpeechMap
{
    private const string End = "end";

    /// <summary>Writes a word with its phones, and the map under them.</summary>
    public static AttentionMap Show(IAnsiConsole console, Pronunciation said)
    {
        var map = Of(said);
        MapText.Show(console, map);
        return map;
    }

    /// <summary>The map of a word.</summary>
    public static AttentionMap Of(Pronunciation said)
    {
        var weights = said.Weights ?? throw new ArgumentException("Expected a pronunciation with weights.", nameof(said));
        var rows = weights.GetLength(0) > said.Phones.Count ? [.. said.Phones, End] : said.Phones;
        return new(weights, rows, Spelling.Letters(Spelling.Normalize(said.Word)), $"{said.Word}  {string.Join(' ', said.Phones)}")
        {
            RowAxis = "phones",
            ColumnAxis = "letters",
        };
    }
}
