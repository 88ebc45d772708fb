using ContextAware.Models.Data;

namespace Examples.Common;

/// <summary>Symbols with their numbers; a symbol that is not among them is the user's mistake.</summary>
/// <param name="symbol">What a symbol is: "letter".</param>
/// <param name="whole">What a sequence of them is: "word".</param>
/// <param name="separator">What stands between them when one is shown.</param>
/// <param name="symbols">The symbols, in the order of their numbers.</param>
public sealed class Alphabet(string symbol, string whole, string separator, IReadOnlyList<string> symbols)
{
    // A model that has learned little writes marks too: they are shown, and not forgiven.
    private static readonly string[] Marks = ["(padding)", "(start)", "(end)"];

    private readonly Vocabulary numbers = new(symbols);

    /// <summary>How many numbers there are, those of the marks included.</summary>
    public int Count => numbers.Count;

    /// <summary>The numbers of a sequence.</summary>
    /// <exception cref="UserException">It is empty or has an unknown symbol.</exception>
    public int[] Encode(IReadOnlyList<string> sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (sequence.Count == 0) throw new UserException($"A {whole} is empty.");
        var unknown = sequence.FirstOrDefault(one => !numbers.TryGetNumber(one, out _));
        return unknown is null
            ? numbers.Encode(sequence)
            : throw new UserException($"The model knows no {symbol} '{unknown}' (in '{string.Join(separator, sequence)}'); it knows {string.Join(' ', numbers.Symbols)}");
    }

    /// <summary>The symbols of numbers, one for each.</summary>
    public string[] Decode(IEnumerable<int> sequence) =>
        [.. sequence.Select(number => number < Marks.Length ? Marks[number] : numbers.Symbols[number - Marks.Length])];
}
