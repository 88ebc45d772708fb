using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Numbers that depend on what a source says, and not on where it stands in a batch.</summary>
internal static class SourceHash
{
    private const long Prime = 0x100000001b3;       // of FNV-1a, 64 bits

    /// <summary>The number of a source of symbols.</summary>
    public static long Of(ReadOnlySpan<int> symbols)
    {
        var hash = 0L;
        foreach (var symbol in symbols) hash = Mix(hash, symbol);
        return hash;
    }

    /// <summary>The numbers of a batch's rows: symbols as <see cref="Of"/> has them, without their padding; else all that a row holds.</summary>
    /// <param name="source"><c>[B,S]</c> int64, or <c>[B,...]</c>.</param>
    /// <param name="lengths"><c>[B]</c> int64 on the CPU.</param>
    /// <exception cref="ArgumentException">There is not a length for each row.</exception>
    public static long[] OfRows(Tensor source, Tensor lengths)
    {
        using var scope = NewDisposeScope();
        var rows = source.Dimensions == 0 ? 0 : source.size(0);
        if (rows == 0 || lengths.Dimensions != 1 || lengths.size(0) != rows || lengths.dtype != int64)
            throw new ArgumentException($"Expected a length (int64) for each of {rows} rows, at least one; got {lengths.dtype} {ShapeText.Of(lengths)}.", nameof(lengths));
        var counts = lengths.data<long>().ToArray();
        var isSymbols = source.dtype == int64 && source.Dimensions == 2;
        return [.. counts.Select((count, row) => isSymbols ? Of(Symbols(source[row], count)) : OfNumbers(source[row]))];
    }

    /// <summary>One number of two; their order matters.</summary>
    public static long Mix(long hash, long next) => unchecked((hash * Prime) + next + 1);

    private static int[] Symbols(Tensor row, long count) => [.. row.cpu().data<long>().Take((int)count).Select(symbol => (int)symbol)];

    private static long OfNumbers(Tensor row)
    {
        var hash = 0L;
        foreach (var number in row.to(float32).cpu().contiguous().data<float>()) hash = Mix(hash, BitConverter.SingleToInt32Bits(number));
        return hash;
    }
}
