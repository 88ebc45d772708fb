using ContextAware.Positions;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>A tensor that is known by type and shape, and made when asked for.</summary>
internal sealed record LazyTensor(WeightEntry Entry, Func<Tensor> Read)
{
    private IReadOnlyList<long> Shape => Entry.Shape;

    internal LazyTensor Transpose(string name) => Shape.Count == 2
        ? new(Entry with { Shape = [Shape[1], Shape[0]] }, () => Read().t().contiguous())
        : throw new ArgumentException($"'{name}' of shape {ShapeText.Of(Shape)} can't be transposed: it is not a matrix.");

    internal LazyTensor Rows(string name, long first, long count) => Shape.Count > 0 && first + count <= Shape[0]
        ? new(Entry with { Shape = [count, .. Shape.Skip(1)] }, () => Read().narrow(0, first, count).clone())
        : throw new ArgumentException($"'{name}' of shape {ShapeText.Of(Shape)} has no rows {first} to {first + count}.");

    internal LazyTensor LayPairs(string name, long headWidth, PairLayout layout)
    {
        if (Shape.Count == 0 || Shape[0] % headWidth != 0)
            throw new ArgumentException($"'{name}' of shape {ShapeText.Of(Shape)} has no heads of {headWidth} rows.");
        var (half, shape) = (headWidth / 2, Shape.ToArray());
        long[] pairs = layout == PairLayout.Halves ? [half, 2] : [2, half];
        return new(Entry, () => Read().reshape([shape[0] / headWidth, .. pairs, .. shape[1..]]).transpose(1, 2).reshape(shape));   // [heads·E, …]
    }

    internal static LazyTensor Stack(string name, LazyTensor[] parts)
    {
        var first = parts[0].Entry;
        if (parts.Any(part => part.Shape.Count == 0 || part.Entry.Type != first.Type || !part.Shape.Skip(1).SequenceEqual(first.Shape.Skip(1))))
            throw new ArgumentException($"'{name}' can't be packed from parts of {string.Join(" and ", parts.Select(part => $"{part.Entry.Type} {ShapeText.Of(part.Shape)}"))}.");
        return new(first with { Shape = [parts.Sum(part => part.Shape[0]), .. first.Shape.Skip(1)] },
            () => cat([.. parts.Select(part => part.Read())], 0));
    }
}
