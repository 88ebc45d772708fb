using Examples.Common;

namespace Pronounce.Words;

/// <summary>
/// Cuts words into training, development and test sets by a hash of the word,
/// so that a word stays in its set on every machine, in every run, and whatever else the dictionary holds.
/// </summary>
public static class WordSplit
{
    /// <summary>The part of 100 that <paramref name="word"/> falls into, 0 to 99.</summary>
    public static int Bucket(string word) => StableHash.Percent(word);

    /// <summary>90 % of the words for training, 2 % for development, 8 % for the test.</summary>
    public static (Lexicon Train, Lexicon Dev, Lexicon Test) ThreeWays(Lexicon words) =>
        (Take(words, 0, 90), Take(words, 90, 92), Take(words, 92, 100));

    /// <summary>All but <paramref name="devPercent"/> % of the words for training, the rest for development.</summary>
    public static (Lexicon Train, Lexicon Dev) HoldOut(Lexicon words, int devPercent) =>
        (Take(words, 0, 100 - devPercent), Take(words, 100 - devPercent, 100));

    private static Lexicon Take(Lexicon words, int from, int until) =>
        new(words.Entries.Where(entry => Bucket(entry.Word) is var bucket && bucket >= from && bucket < until));
}
