namespace ContextAware.Models.Data;

/// <summary>
/// Numbers the symbols of one side of a sequence task: letters, phones, words.
/// </summary>
/// <remarks>
/// The first three numbers are the same in every vocabulary: <see cref="Padding"/>, <see cref="Start"/> and
/// <see cref="End"/>. The symbols follow in the order given, so that a saved list of symbols gives the same numbers again.
/// </remarks>
public sealed class Vocabulary
{
    /// <summary>The number that fills up shorter sequences of a batch; never a symbol.</summary>
    public const int Padding = 0;

    /// <summary>The number put before a target sequence.</summary>
    public const int Start = 1;

    /// <summary>The number put after a target sequence.</summary>
    public const int End = 2;

    private const int Reserved = 3;

    private readonly Dictionary<string, int> numbers;

    /// <summary>Numbers <paramref name="symbols"/> in the order given.</summary>
    /// <param name="symbols">The symbols, each once.</param>
    /// <exception cref="ArgumentException">A symbol is empty or comes twice, or there is none.</exception>
    public Vocabulary(IEnumerable<string> symbols)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        Symbols = [.. symbols];
        if (Symbols.Count == 0) throw new ArgumentException("Expected at least one symbol, got none.", nameof(symbols));
        numbers = new Dictionary<string, int>(Symbols.Count, StringComparer.Ordinal);
        foreach (var symbol in Symbols)
        {
            if (string.IsNullOrEmpty(symbol)) throw new ArgumentException("A symbol is empty.", nameof(symbols));
            if (!numbers.TryAdd(symbol, Reserved + numbers.Count)) throw new ArgumentException($"The symbol '{symbol}' comes twice.", nameof(symbols));
        }
    }

    /// <summary>The symbols; the first has the number 3.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>V: how many numbers there are, the reserved three included. The rows of an embedding.</summary>
    public int Count => Reserved + Symbols.Count;

    /// <summary>Numbers all symbols of <paramref name="sequences"/>, in ordinal order.</summary>
    public static Vocabulary Of(IEnumerable<IEnumerable<string>> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return new(sequences.SelectMany(symbols => symbols).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    /// <summary>The number of a symbol.</summary>
    /// <returns>Whether the vocabulary has it.</returns>
    public bool TryGetNumber(string symbol, out int number) => numbers.TryGetValue(symbol, out number);

    /// <summary>The numbers of a sequence of symbols, without start and end.</summary>
    /// <exception cref="ArgumentException">The vocabulary lacks a symbol.</exception>
    public int[] Encode(IReadOnlyList<string> symbols)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        var encoded = new int[symbols.Count];
        for (var i = 0; i < encoded.Length; i++)
        {
            if (!numbers.TryGetValue(symbols[i], out encoded[i]))
                throw new ArgumentException($"The vocabulary has no symbol '{symbols[i]}'.", nameof(symbols));
        }

        return encoded;
    }

    /// <summary>The symbols of a sequence of numbers; the reserved three are left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is none of this vocabulary.</exception>
    public string[] Decode(ReadOnlySpan<int> sequence)
    {
        var symbols = new List<string>(sequence.Length);
        foreach (var number in sequence)
        {
            if (number < 0 || number >= Count)
                throw new ArgumentOutOfRangeException(nameof(sequence), number, $"Expected numbers from 0 to {Count - 1}.");
            if (number >= Reserved) symbols.Add(Symbols[number - Reserved]);
        }

        return [.. symbols];
    }
}
