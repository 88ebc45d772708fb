using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Reads and checks lengths once, where a model takes them.</summary>
internal static class SourceLengths
{
    /// <summary>The lengths as numbers.</summary>
    /// <exception cref="ArgumentException">There are not B of them, or one is not from 1 to S.</exception>
    public static long[] Read(Tensor lengths, long batch, long longest, string argument)
    {
        if (lengths.dtype != ScalarType.Int64 || lengths.device_type != TorchSharp.DeviceType.CPU)
            throw new ArgumentException($"Expected int64 lengths on the CPU, got {lengths.dtype} on {lengths.device}.", argument);
        var read = lengths.data<long>().ToArray();
        if (read.Length != batch)
            throw new ArgumentException($"Expected {batch} lengths, one a sequence, got {read.Length}.", argument);
        foreach (var length in read)
        {
            if (length < 1 || length > longest)
                throw new ArgumentException($"Expected lengths from 1 to {longest}, got {length}.", argument);
        }

        return read;
    }

    /// <summary>What hides the padding; null lengths stand for none.</summary>
    public static AttentionMask Mask(long[]? lengths) => lengths is null ? AttentionMask.None : AttentionMask.FromLengths(lengths);

    /// <summary>Which places of a batch are padding: bool, true for those.</summary>
    /// <param name="lengths">[B] int64 on the CPU.</param>
    /// <param name="source">[B, S], on any device.</param>
    public static Tensor Padded(Tensor lengths, Tensor source)
    {
        using var scope = NewDisposeScope();
        return arange(source.size(1), int64, source.device).ge(lengths.to(source.device).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Whether there is no padding at all.</summary>
    public static bool AllAre(long[] lengths, long longest) => Array.TrueForAll(lengths, length => length == longest);
}
