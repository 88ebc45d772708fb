using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>The sizes a mask is asked for.</summary>
internal readonly record struct MaskSize(long Batch, long Heads, long QueryLength, long KeyLength)
{
    /// <summary>Stands for a length that may be any.</summary>
    public const long Any = -1;
}

/// <summary>A block of queries and a range of keys out of a whole mask, on a device.</summary>
internal readonly record struct MaskRegion(MaskSize Size, long QueryStart, long QueryCount, long KeyStart, long KeyCount, Device Device)
{
    public long QueryLength => Size.QueryLength;

    public long KeyLength => Size.KeyLength;

    /// <summary>Farther than any sequence reaches, and yet positions can be added to it.</summary>
    public const long Far = long.MaxValue / 4;

    /// <summary>Where the region's first query stands among the keys.</summary>
    /// <param name="offset">Where the first query of all stands; null: where the ends of queries and keys are aligned.</param>
    public long FirstPosition(long? offset = null) => QueryStart + (offset ?? KeyLength - QueryLength);

    public static MaskRegion Whole(long batch, long heads, long queryLength, long keyLength, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(heads);
        ArgumentOutOfRangeException.ThrowIfNegative(queryLength);
        ArgumentOutOfRangeException.ThrowIfNegative(keyLength);
        return new(new(batch, heads, queryLength, keyLength), 0, queryLength, 0, keyLength, device);
    }

    /// <summary>Positions of the region's queries among the keys: int64 [queries, 1].</summary>
    public Tensor QueryPositions(long? offset = null)
    {
        var first = FirstPosition(offset);
        return arange(first, first + QueryCount, int64, Device).unsqueeze(1);
    }

    /// <summary>Positions of the region's queries where each batch has its own offset [B]: int64 [B, 1, queries, 1].</summary>
    public Tensor QueryPositions(Tensor offsets) => offsets.to(Device).view(-1, 1, 1, 1) + QueryPositions(offset: 0);

    /// <summary>Positions of the region's keys: int64 [keys].</summary>
    public Tensor KeyPositions() => arange(KeyStart, KeyStart + KeyCount, int64, Device);

    /// <summary>The region's queries of dimension <paramref name="dim"/>; a size of 1 serves all.</summary>
    public Tensor Queries(Tensor tensor, long dim) => Part(tensor, dim, QueryStart, QueryCount, QueryLength);

    /// <summary>The region's keys of dimension <paramref name="dim"/>; a size of 1 serves all.</summary>
    public Tensor Keys(Tensor tensor, long dim) => Part(tensor, dim, KeyStart, KeyCount, KeyLength);

    private static Tensor Part(Tensor tensor, long dim, long start, long count, long length) =>
        count == length || tensor.size((int)dim) == 1 ? tensor : tensor.narrow(dim, start, count);
}
