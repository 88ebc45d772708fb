using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TinyStories.Llama2c;

/// <summary>
/// The tokenizer file of llama2.c: pieces of text with scores, joined as in SentencePiece's byte-pair encoding (Sennrich et al. 2016).
/// </summary>
/// <remarks>The file is not trusted: it is read once and checked to its last byte.</remarks>
public sealed class Llama2cTokenizer
{
    /// <summary>The token before a text.</summary>
    public const int Begin = 1;

    /// <summary>The token after a text.</summary>
    public const int End = 2;

    // Pieces are bytes, not always whole characters: as text, each byte is one character.
    private static readonly Encoding Bytes = Encoding.Latin1;

    private readonly byte[][] pieces;
    private readonly float[] scores;
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly int[] byteTokens = new int[256];

    private Llama2cTokenizer(List<byte[]> pieces, List<float> scores)
    {
        this.scores = [.. scores];
        this.pieces = new byte[pieces.Count][];
        Array.Fill(byteTokens, -1);
        for (var token = 0; token < pieces.Count; token++)
        {
            var isByte = TryReadByte(pieces[token], out var value);
            this.pieces[token] = isByte ? [value] : pieces[token];
            if (isByte) byteTokens[value] = token;
            else if (token > End) numbers.TryAdd(Bytes.GetString(pieces[token]), token);
        }
    }

    /// <summary>V: how many tokens there are.</summary>
    public int Count => pieces.Length;

    /// <summary>Reads a tokenizer file.</summary>
    /// <exception cref="InvalidDataException">The file breaks the layout.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static Llama2cTokenizer Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads a tokenizer file that is in memory.</summary>
    /// <param name="file">The whole file: the length of the longest piece as int32; then for each token its score as float32, its
    /// length as int32, its bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The bytes break the layout.</exception>
    public static Llama2cTokenizer Parse(ReadOnlySpan<byte> file, string name = "(memory)")
    {
        var (pieces, scores) = (new List<byte[]>(), new List<float>());
        if (file.Length < sizeof(int)) throw Error(name, $"it has {file.Length} bytes, too few for the length of its longest piece");
        var longest = BinaryPrimitives.ReadInt32LittleEndian(file);
        if (longest <= 0) throw Error(name, $"its longest piece has {longest} bytes");
        var at = sizeof(int);
        while (at < file.Length)
        {
            var token = $"token {pieces.Count} at byte {at}";
            if (file.Length - at < 2 * sizeof(int)) throw Error(name, $"it ends within {token}");
            var score = BinaryPrimitives.ReadSingleLittleEndian(file[at..]);
            var length = BinaryPrimitives.ReadInt32LittleEndian(file[(at + sizeof(float))..]);
            at += 2 * sizeof(int);
            if (!float.IsFinite(score)) throw Error(name, $"the score of {token} is {score.ToString(CultureInfo.InvariantCulture)}");
            if (length < 0 || length > longest) throw Error(name, $"{token} has {length} bytes, and the longest should have {longest}");
            if (length > file.Length - at) throw Error(name, $"it ends within {token}");
            pieces.Add(file.Slice(at, length).ToArray());
            scores.Add(score);
            at += length;
        }

        return pieces.Count > End ? new(pieces, scores) : throw Error(name, $"it has {pieces.Count} tokens, too few for the begin and end marks");
    }

    /// <summary>The tokens of a text, with the begin mark first: characters, or bytes where there is no piece for one, joined in
    /// the order of the scores. The time grows with the square of the length.</summary>
    /// <exception cref="ArgumentException">The text has a character that the tokenizer has neither a piece nor bytes for.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<int> { Begin };
        // As SentencePiece does: a text begins with a blank.
        if (text.Length > 0) AddCharacter(tokens, new Rune(' '));
        foreach (var character in text.EnumerateRunes()) AddCharacter(tokens, character);
        while (BestPair(tokens) is { } best)
        {
            tokens[best.At] = best.Joined;
            tokens.RemoveAt(best.At + 1);
        }

        return [.. tokens];
    }

    /// <summary>What a token adds to a text, as UTF-8 bytes: not always whole characters.</summary>
    /// <param name="previous">The token before: after the begin mark a piece loses its leading blank.</param>
    /// <param name="token">The token. The marks themselves add nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public ReadOnlySpan<byte> Decode(int previous, int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Count);
        if (token is Begin or End) return [];
        var piece = pieces[token].AsSpan();
        return previous == Begin && piece.StartsWith(" "u8) ? piece[1..] : piece;
    }

    /// <summary>The text of tokens; broken UTF-8 becomes the replacement character.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is none of this tokenizer.</exception>
    public string Decode(IEnumerable<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        using var text = new MemoryStream();
        var previous = -1;
        foreach (var token in tokens)
        {
            text.Write(Decode(previous, token));
            previous = token;
        }

        return Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    private void AddCharacter(List<int> tokens, Rune character)
    {
        Span<byte> utf8 = stackalloc byte[4];
        utf8 = utf8[..character.EncodeToUtf8(utf8)];
        if (numbers.TryGetValue(Bytes.GetString(utf8), out var whole))
        {
            tokens.Add(whole);
            return;
        }

        foreach (var part in utf8)
        {
            tokens.Add(byteTokens[part] >= 0
                ? byteTokens[part]
                : throw new ArgumentException($"The tokenizer has neither a piece nor bytes for '{character}'.", nameof(character)));
        }
    }

    // The neighbours whose joined piece has the best score, the first of several. Marks are joined with nothing.
    private (int At, int Joined)? BestPair(List<int> tokens)
    {
        (int At, int Joined)? best = null;
        for (var i = 1; i + 1 < tokens.Count; i++)
        {
            if (IsByte(tokens[i]) || IsByte(tokens[i + 1])) continue;
            var joined = Bytes.GetString(pieces[tokens[i]]) + Bytes.GetString(pieces[tokens[i + 1]]);
            if (numbers.TryGetValue(joined, out var token) && (best is null || scores[token] > scores[best.Value.Joined])) best = (i, token);
        }

        return best;
    }

    private bool IsByte(int token) => pieces[token] is [var value] && byteTokens[value] == token;

    // <0x0A> and the like.
    private static bool TryReadByte(ReadOnlySpan<byte> piece, out byte value)
    {
        value = 0;
        return piece.Length == 6 && piece.StartsWith("<0x"u8) && piece[5] == (byte)'>'
            && byte.TryParse(piece[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static InvalidDataException Error(string name, string problem) => new($"{name} is no llama2.c tokenizer: {problem}.");
}
