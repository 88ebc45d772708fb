using System.Text;

namespace Pronounce.Words;

/// <summary>How a word is written and cut into letters.</summary>
public static class Spelling
{
    /// <summary>The word as the dictionary writes it: composed, in capitals.</summary>
    public static string Normalize(string word) => word.Normalize(NormalizationForm.FormC).ToUpperInvariant();

    /// <summary>The letters of a word, one string each.</summary>
    public static IReadOnlyList<string> Letters(string word) =>
        [.. word.EnumerateRunes().Select(rune => rune.ToString())];
}
