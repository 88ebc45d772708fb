using System.Globalization;
using Examples.Common;

namespace Pronounce.Words;

/// <summary>
/// A pronouncing dictionary: each word once, with all its pronunciations, in the order of the file.
/// </summary>
/// <remarks>
/// Reads the two usual layouts, line by line:
/// <list type="bullet">
/// <item>CMUdict: <c>WORD  P1 P2 …</c>, variants as <c>WORD(1)</c>, comments after <c>;;;</c>;</item>
/// <item>tab-separated: <c>WORD⇥P1 P2 …</c>, variants as further lines of the same word.</item>
/// </list>
/// </remarks>
public sealed class Lexicon
{
    /// <summary>A dictionary of these words.</summary>
    public Lexicon(IEnumerable<LexiconEntry> entries) => Entries = [.. entries];

    /// <summary>The words.</summary>
    public IReadOnlyList<LexiconEntry> Entries { get; }

    /// <summary>How many pronunciations all words have together.</summary>
    public int PronunciationCount => Entries.Sum(entry => entry.Pronunciations.Count);

    /// <summary>Every phone that occurs, in ordinal order.</summary>
    public IReadOnlyList<string> Phones =>
        [.. Entries.SelectMany(entry => entry.Pronunciations).SelectMany(phones => phones).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Every letter that occurs, in ordinal order.</summary>
    public IReadOnlyList<string> Letters =>
        [.. Entries.SelectMany(entry => Spelling.Letters(entry.Word)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Reads a dictionary.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What to call the text in an error.</param>
    /// <param name="keepStress">Keep the digit at the end of a vowel (AH0); otherwise AH0 is read as AH.</param>
    /// <param name="accept">Which words to take; null takes all.</param>
    /// <exception cref="UserException">A line has no word or no phones.</exception>
    public static Lexicon Read(TextReader reader, string name, bool keepStress = false, Func<string, bool>? accept = null)
    {
        var order = new List<string>();
        var pronunciations = new Dictionary<string, List<IReadOnlyList<string>>>(StringComparer.Ordinal);
        long number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith(";;;", StringComparison.Ordinal)) continue;
            var (word, phones) = ParseLine(line, keepStress)
                ?? throw new UserException($"{name}, line {number.ToString(CultureInfo.InvariantCulture)}: expected a word and its phones (WORD<TAB>P1 P2 ...), found '{Shorten(line)}'.");
            if (accept is not null && !accept(word)) continue;
            if (!pronunciations.TryGetValue(word, out var known))
            {
                pronunciations.Add(word, known = []);
                order.Add(word);
            }

            // Without stress marks two variants may be one.
            if (!known.Any(other => other.SequenceEqual(phones))) known.Add(phones);
        }

        return new(order.Select(word => new LexiconEntry(word, pronunciations[word])));
    }

    private static (string Word, string[] Phones)? ParseLine(string line, bool keepStress)
    {
        var end = line.IndexOf('\t', StringComparison.Ordinal);
        if (end < 0) end = line.IndexOf(' ', StringComparison.Ordinal);
        if (end <= 0) return null;
        var word = Spelling.Normalize(WithoutVariant(line[..end].Trim()));
        var phones = line[end..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (word.Length == 0 || phones.Length == 0 || !phones.All(IsPhone)) return null;
        if (!keepStress) phones = Array.ConvertAll(phones, phone => phone.TrimEnd('0', '1', '2'));
        return (word, phones);
    }

    // "READ(1)" is a further pronunciation of "READ".
    private static string WithoutVariant(string word)
    {
        if (!word.EndsWith(')')) return word;
        var open = word.LastIndexOf('(');
        return open > 0 && open < word.Length - 2 && word[(open + 1)..^1].All(char.IsAsciiDigit) ? word[..open] : word;
    }

    private static bool IsPhone(string text) => char.IsLetter(text[0]) && text.All(char.IsLetterOrDigit);

    private static string Shorten(string line) => line.Length <= 60 ? line : line[..57] + "...";
}
