using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>Whole numbers for each distance of key and query, kept in tables over the distances from 1-L to L-1.</summary>
internal static class Distances
{
    /// <summary>A number for each distance from 1-L to L-1.</summary>
    internal static long[] Map(long length, Func<long, long> number)
    {
        var numbers = new long[2 * length - 1];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = number(i - length + 1);
        return numbers;
    }

    /// <summary>The numbers for T queries at the end of S keys, [T+S-1]: the distances from 1-S to T-1.</summary>
    internal static Tensor Take(PositionTables tables, long queryLength, long keyLength, Device device) =>
        tables.View(Math.Max(queryLength, keyLength), ScalarType.Int64, device,
            (table, built) => table.narrow(-1, built - keyLength, Math.Max(queryLength + keyLength - 1, 0)));
}
