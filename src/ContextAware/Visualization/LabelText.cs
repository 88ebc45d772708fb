using System.Globalization;
using System.Text;

namespace ContextAware.Visualization;

/// <summary>What a label looks like: how wide it is, which way it runs, and what stands for what can't be seen.</summary>
internal static class LabelText
{
    private const char Unknown = '\uFFFD';

    // Characters that take two columns of a terminal (Unicode's East Asian Width W and F, emoji included), as ranges.
    private static readonly int[] Wide =
    [
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3, 0x25FD, 0x25FE,
        0x2614, 0x2615, 0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1, 0x26AA, 0x26AB, 0x26BD, 0x26BE,
        0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA, 0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA,
        0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B, 0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755,
        0x2757, 0x2757, 0x2795, 0x2797, 0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55,
        0x2E80, 0x303E, 0x3041, 0x33FF, 0x3400, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xF900, 0xFAFF,
        0xFE10, 0xFE19, 0xFE30, 0xFE6B, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18CFF, 0x1AFF0, 0x1B2FF, 0x1F004, 0x1F004,
        0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F200, 0x1F320, 0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393,
        0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E, 0x1F440, 0x1F440, 0x1F442, 0x1F4FC,
        0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567, 0x1F57A, 0x1F57A, 0x1F595, 0x1F596, 0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F,
        0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC, 0x1F7E0, 0x1F7F0,
        0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD,
    ];

    /// <summary>
    /// The label without anything that could act: control and direction characters become marks, and a label of spaces
    /// shows them. So a label can't move the cursor, end a line, or turn the text after it round.
    /// </summary>
    public static string Visible(string label)
    {
        var text = new StringBuilder(label.Length);
        var blank = string.IsNullOrWhiteSpace(label);
        foreach (var rune in label.EnumerateRunes()) // a lone surrogate comes as U+FFFD
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (rune.Value < 0x20)
                text.Append((char)(0x2400 + rune.Value));
            else if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                || IsDirectionControl(rune.Value) || (rune.Value & 0xFFFE) == 0xFFFE)
                text.Append(Unknown);
            else if (blank && category == UnicodeCategory.SpaceSeparator)
                text.Append('\u2423');
            else
                text.Append(rune);
        }

        return text.ToString();
    }

    /// <summary>How many columns of a terminal the text takes.</summary>
    public static int Columns(string text) => Elements(text).Sum(ElementColumns);

    /// <summary>The text cut (with an ellipsis) and padded to exactly this many columns.</summary>
    public static string Fit(string text, int width, bool right = false)
    {
        text = Cut(text, width);
        var padding = new string(' ', width - Columns(text));
        return right ? padding + text : text + padding;
    }

    /// <summary>The text in the middle of exactly this many columns.</summary>
    public static string Centre(string text, int width)
    {
        text = Cut(text, width);
        var space = width - Columns(text);
        return new string(' ', space / 2) + text + new string(' ', space - space / 2);
    }

    /// <summary>At most this many columns; what is cut leaves an ellipsis.</summary>
    public static string Cut(string text, int width)
    {
        if (Columns(text) <= width)
            return text;
        var result = new StringBuilder();
        var used = 1;
        foreach (var element in Elements(text))
        {
            used += ElementColumns(element);
            if (used > width)
                break;
            result.Append(element);
        }

        return width == 0 ? "" : result.Append('…').ToString();
    }

    /// <summary>The characters that a reader sees: letters with their marks, emoji with their joiners.</summary>
    public static IEnumerable<string> Elements(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            yield return elements.GetTextElement();
    }

    /// <summary>Whether any character runs from right to left (Hebrew, Arabic and their neighbours).</summary>
    public static bool HasRightToLeft(string text) => text.EnumerateRunes().Any(rune => IsRightToLeft(rune.Value));

    /// <summary>Whether the first letter runs from right to left, so that the whole label does.</summary>
    public static bool StartsRightToLeft(string text)
        => text.EnumerateRunes().FirstOrDefault(rune => Rune.IsLetter(rune)) is var first && IsRightToLeft(first.Value);

    /// <summary>A guess at the width in a proportional sans-serif font, in units of the font's size.</summary>
    public static double Ems(string text) => Elements(text).Sum(element => ElementColumns(element) switch
    {
        0 => 0,
        1 => "ijlI.,:;'|!()[]".Contains(element[0], StringComparison.Ordinal) ? 0.33
            : "mwMW@%…".Contains(element[0], StringComparison.Ordinal) ? 0.9
            : char.IsUpper(element[0]) ? 0.69 : 0.57,
        var columns => 0.52 * columns,
    });

    private static int ElementColumns(string element)
    {
        var columns = 0;
        foreach (var rune in element.EnumerateRunes())
        {
            if (rune.Value is 0xFE0F or 0x200D) // drawn as an emoji, or joined into one
                return 2;
            columns += RuneColumns(rune);
        }

        return element.Length > 2 ? Math.Min(columns, 2) : columns;
    }

    private static int RuneColumns(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control => 0,
        _ when rune.Value is >= 0x1160 and <= 0x11FF => 0, // Hangul vowels and finals join the syllable before them
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    private static bool IsWide(int value)
    {
        if (value < Wide[0])
            return false;
        var found = Array.BinarySearch(Wide, value);
        return found >= 0 || (~found & 1) == 1; // between the start and the end of a range
    }

    private static bool IsRightToLeft(int value)
        => value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);

    private static bool IsDirectionControl(int value)
        => value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
