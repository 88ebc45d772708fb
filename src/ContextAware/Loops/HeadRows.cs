using static TorchSharp.torch;

namespace ContextAware.Loops;

/// <summary>The memory of a tensor of four dimensions, batch, head, row and column, whose columns lie side by side.</summary>
internal readonly unsafe struct HeadRows<T>
    where T : unmanaged
{
    private readonly T* start;
    private readonly (long Batch, long Head) strides;

    private HeadRows(T* start, long[] strides)
    {
        this.start = start;
        (this.strides, Stride) = ((strides[0], strides[1]), strides[2]);
    }

    /// <summary>From one row to the next.</summary>
    internal long Stride { get; }

    internal bool IsNone => start is null;

    /// <summary>A size of 1 serves all: the tensor is expanded to these sizes.</summary>
    /// <param name="tensor">On the CPU, of this type; it must be held while its memory is used. Null: none.</param>
    /// <param name="size">[batch, heads, rows, columns].</param>
    internal static HeadRows<T> Of(Tensor? tensor, params long[] size)
    {
        if (tensor is null)
            return default;
        var (own, strides) = (tensor.shape, tensor.stride());
        if (own[3] != size[3])
            throw new ArgumentException($"Expected {size[3]} columns, got {own[3]}.", nameof(tensor));
        if (strides[3] != 1 && own[3] != 1)
            throw new ArgumentException("Expected columns side by side.", nameof(tensor));
        for (var i = 0; i < 3; i++)
        {
            if (own[i] == 1)
                strides[i] = 0;
            else if (own[i] != size[i])
                throw new ArgumentException($"Expected {ShapeText.Of(size)}, got {ShapeText.Of(own)}.", nameof(tensor));
        }
        return new(TensorMemory.Start<T>(tensor), strides);
    }

    /// <summary>A matrix, as the rows of one head; none if it is empty.</summary>
    internal static HeadRows<T> OfMatrix(Tensor matrix)
    {
        if (matrix.numel() == 0)
            return default;
        var stride = matrix.stride();
        if (stride[1] != 1)
            throw new ArgumentException("Expected columns side by side.", nameof(matrix));
        return new(TensorMemory.Start<T>(matrix), [0, 0, stride[0]]);
    }

    /// <summary>The tensor, or a copy whose columns lie side by side, one for each of so many.</summary>
    internal static Tensor SideBySide(Tensor tensor, long columns)
    {
        var shape = tensor.shape;
        if (shape[3] != columns)
            return tensor.expand(shape[0], shape[1], shape[2], columns).contiguous();
        return columns == 1 || tensor.stride(3) == 1 ? tensor : tensor.contiguous();
    }

    /// <summary>Where the rows of a head begin.</summary>
    internal T* At(long batch, long head, long row = 0) => start + (batch * strides.Batch) + (head * strides.Head) + (row * Stride);
}
