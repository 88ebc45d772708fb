using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Examples.Common;

/// <summary>Text for a terminal that comes from a file or a command line: nothing in it moves the cursor, changes colours, ends the line or turns it round.</summary>
public static class VisibleText
{
    private const int ControlPictures = 0x2400;

    /// <summary>The text with a mark for each character that would act.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) visible.Append(Acts(rune) ? Mark(rune) : rune);
        return visible.ToString();
    }

    /// <summary>Writes a line of such a text.</summary>
    public static void PrintLine(this IAnsiConsole console, string text) => console.WriteLine(Of(text));

    private static Rune Mark(Rune rune) => rune.Value < ' ' ? new(ControlPictures + rune.Value) : Rune.ReplacementChar;

    private static bool Acts(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
