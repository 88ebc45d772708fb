using ContextAware.Attention;
using ContextAware.Interop;
using ContextAware.Models.Data;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// A vector for the neighbourhood of each symbol: a row for each n-gram around it, looked up in tables, side by side through
/// one product. Hash n-gram embeddings of Pagnoni et al. 2024, "Byte Latent Transformer" (arXiv 2412.09871), section 3.2.1,
/// with the symbol in the middle instead of at the end.
/// </summary>
/// <remarks>
/// An n-gram of position t holds the symbols from t − ⌊n/2⌋ on; beyond both ends stands <see cref="Vocabulary.Padding"/>, so
/// that padding changes nothing. The n-gram is a number of n digits in base V; where that leads beyond the table, its
/// remainder by the prime 2³¹ − 1, digit by digit with a random-looking base, then by the count of rows. Tables begin
/// with zeros: what was never learned adds nothing, and a model starts as it would without them.
/// </remarks>
public sealed class NGramEmbedding : nn.Module<Tensor, Tensor>
{
    private const long Prime = int.MaxValue;            // 2³¹ − 1, a Mersenne prime
    private const long HashBase = 1_103_515_245;        // below the prime; products stay below 2⁶²

    [ComponentName(Name = "tables")] private readonly ModuleList<Embedding> tables;
    [ComponentName(Name = "projection")] private readonly Linear projection;
    private readonly long vocabulary;

    /// <summary>Makes the tables.</summary>
    /// <param name="vocabulary">V, how many numbers there are for symbols.</param>
    /// <param name="width">D, the width of the vectors.</param>
    /// <param name="options">The sizes; null takes the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, a length not from 1 to <see cref="NGramOptions.Longest"/>, or the dropout not from 0 up to but not including 1.</exception>
    /// <exception cref="ArgumentException">There is no length, or one comes twice.</exception>
    public NGramEmbedding(long vocabulary, long width, NGramOptions? options = null)
        : base(nameof(NGramEmbedding))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Options = options ?? new();
        Check(Options);
        this.vocabulary = vocabulary;
        tables = new([.. Options.Lengths.Select(length => OwnParameter.In(nn.Embedding(Math.Min(Possible(length), Options.Rows), Options.RowWidth)))]);
        projection = nn.Linear(Options.RowWidth * Options.Lengths.Count, width, hasBias: false);
        RegisterComponents();
        if (WeightInitialization.IsSkipped) return;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var table in tables) table.weight!.zero_();
    }

    /// <summary>The sizes.</summary>
    public NGramOptions Options { get; }

    /// <summary>
    /// Whether it rests: adds zeros, in either mode, and learns nothing. A training that lets it rest at first leaves to the layers
    /// above what they can learn, and to the tables what they can't.
    /// </summary>
    public bool IsResting { get; set; }

    /// <summary>The vectors of the neighbourhoods.</summary>
    /// <param name="tokens"><c>[B,T]</c> int64, with padding as <see cref="Vocabulary.Padding"/>.</param>
    /// <returns><c>[B,T,D]</c>.</returns>
    /// <exception cref="ArgumentException">The tokens have another shape or type.</exception>
    public override Tensor forward(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var shape = tokens.shape;
        if (shape.Length != 2) throw new ArgumentException($"Expected [B,T], got {ShapeText.Compact(shape)}.", nameof(tokens));
        // Narrower numbers would overflow into other rows.
        if (tokens.dtype != ScalarType.Int64) throw new ArgumentException($"Expected int64, got {tokens.dtype}.", nameof(tokens));
        if (IsResting) return projection.weight!.new_zeros(shape[0], shape[1], projection.weight!.size(0));
        using var scope = NewDisposeScope();
        var found = Options.Lengths.Zip(tables, (length, table) => table.call(Rows(tokens, length)));
        var rows = stack(found.ToArray(), 2);                                          // [B, T, N, W]
        if (training && Options.Dropout > 0)
            rows = rows.mul(DropoutMask.Apply(rows.new_ones(shape[0], shape[1], tables.Count, 1), Options.Dropout));
        return projection.call(rows.flatten(2)).MoveToOuterDisposeScope();
    }

    /// <summary>The row of each position's n-gram.</summary>
    /// <returns><c>[B,T]</c> int64.</returns>
    internal Tensor Rows(Tensor tokens, int length)
    {
        using var scope = NewDisposeScope();
        var rows = Math.Min(Possible(length), Options.Rows);
        var isExact = rows == Possible(length);
        var (before, count) = (length / 2, tokens.size(1));
        var padded = nn.functional.pad(tokens, [before, length - 1 - before], value: Vocabulary.Padding);
        var number = zeros_like(tokens);
        for (var digit = 0; digit < length; digit++)
        {
            number = number.mul(isExact ? vocabulary : HashBase).add(padded.narrow(1, digit, count));
            if (!isExact) number = number.remainder(Prime);
        }

        return (isExact ? number : number.remainder(rows)).MoveToOuterDisposeScope();
    }

    // How many n-grams there can be; what is beyond any table is as good as endless.
    private long Possible(int length) => (long)Math.Min(Math.Pow(vocabulary, length), long.MaxValue / 2);

    private static void Check(NGramOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RowWidth);
        DropoutShare.CheckBelowOne(options.Dropout);
        if (options.Lengths is not { Count: > 0 }) throw new ArgumentException("Expected at least one length of n-grams, got none.", nameof(options));
        foreach (var length in options.Lengths)
        {
            if (length is < 1 or > NGramOptions.Longest)
                throw new ArgumentOutOfRangeException(nameof(options), length, $"Expected lengths of n-grams from 1 to {NGramOptions.Longest}, got {length}.");
            if (options.Lengths.Count(other => other == length) > 1) throw new ArgumentException($"Expected each length of n-grams once; {length} comes twice.", nameof(options));
        }
    }
}
