using System.IO.Compression;
using System.Text;
using Examples.Common;

namespace Pronounce.Words;

/// <summary>The words to learn from, to watch, and to be judged on. No word is in two of them.</summary>
/// <param name="Train">Learned from.</param>
/// <param name="Dev">Held out to watch progress.</param>
/// <param name="Test">Held out for the final figure.</param>
public sealed record WordSets(Lexicon Train, Lexicon Dev, Lexicon Test)
{
    private const int HeldOutPercent = 2;

    /// <summary>The words of all three.</summary>
    public Lexicon All => new(Train.Entries.Concat(Dev.Entries).Concat(Test.Entries));

    /// <summary>CMUdict, which this program carries, cut 90/2/8; words of letters and apostrophes only.</summary>
    public static WordSets Cmudict(bool keepStress)
    {
        using var packed = typeof(WordSets).Assembly.GetManifestResourceStream("cmudict.gz")
            ?? throw new InvalidOperationException("The program was built without its dictionary.");
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        var words = Lexicon.Read(reader, "cmudict", keepStress, word => word.All(letter => char.IsAsciiLetterUpper(letter) || letter == '\''));
        var (train, dev, test) = WordSplit.ThreeWays(words);
        return new(train, dev, test);
    }

    /// <summary>
    /// Words from files. Without <paramref name="train"/>, training words are CMUdict's;
    /// without <paramref name="dev"/>, 2 % of the training file are held out;
    /// a development or test word is never trained on.
    /// </summary>
    /// <exception cref="UserException">A file can't be read, is malformed, or holds no words.</exception>
    public static WordSets Load(string? train, string? dev, string? test, bool keepStress)
    {
        var sets = train is null ? Cmudict(keepStress) : FromTrainFile(train, dev is null, keepStress);
        if (dev is not null) sets = sets with { Dev = ReadFile(dev, keepStress) };
        if (test is not null) sets = sets with { Test = ReadFile(test, keepStress) };
        var held = sets.Dev.Entries.Concat(sets.Test.Entries).Select(entry => entry.Word).ToHashSet(StringComparer.Ordinal);
        var kept = new Lexicon(sets.Train.Entries.Where(entry => !held.Contains(entry.Word)));
        if (kept.Entries.Count == 0) throw new UserException("No words are left to train on: every one is in the development or test set.");
        return sets with { Train = kept };
    }

    /// <summary>Reads the words of one file.</summary>
    /// <exception cref="UserException">The file can't be read, is malformed, or holds no words.</exception>
    public static Lexicon ReadFile(string path, bool keepStress)
    {
        Lexicon words;
        try
        {
            using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
            words = Lexicon.Read(reader, path, keepStress);
        }
        catch (Exception error) when (FileErrors.IsOne(error) || error is ArgumentException)
        {
            throw new UserException($"Can't read {path}: {FileErrors.Reason(error)}.", error);
        }

        return words.Entries.Count > 0 ? words : throw new UserException($"{path} holds no words.");
    }

    private static WordSets FromTrainFile(string path, bool holdOut, bool keepStress)
    {
        var words = ReadFile(path, keepStress);
        var none = new Lexicon([]);
        if (!holdOut) return new(words, none, none);
        var (train, dev) = WordSplit.HoldOut(words, HeldOutPercent);
        return new(train, dev, none);
    }
}
