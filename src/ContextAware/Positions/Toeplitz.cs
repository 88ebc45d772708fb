using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>What depends only on the distance of key and query, spread over both.</summary>
internal static class Toeplitz
{
    /// <summary>
    /// out[..., t, s] = values[..., s - t + T - 1], for values [..., T + S - 1] that run from the furthest past to the furthest
    /// future. With the queries aligned to the end of the keys, values[k] belongs to the distance k - S + 1.
    /// </summary>
    internal static Tensor Spread(Tensor values, long queryLength, long keyLength)
    {
        if (queryLength == 0 || keyLength == 0)
            return values.new_empty([.. values.shape[..^1], queryLength, keyLength]);
        using var scope = NewDisposeScope();
        var windows = values.unfold(-1, keyLength, 1);                        // [..., T, S], the last query first
        return (queryLength == 1 ? windows : windows.flip(-2)).MoveToOuterDisposeScope();
    }
}
