using static TorchSharp.torch;

namespace ContextAware.Testing;

/// <summary>Copies tensors into plain arrays of doubles, and plain arrays into tensors.</summary>
public static class TensorArrays
{
    /// <summary>All elements in row-major order, whatever the tensor's type, device or strides.</summary>
    public static double[] Flat(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>()];
    }

    /// <summary>A tensor of two dimensions as an array.</summary>
    public static double[,] Matrix(Tensor tensor) => (double[,])Fill(tensor, new double[Size(tensor, 2, 0), Size(tensor, 2, 1)]);

    /// <summary>A tensor of three dimensions as an array.</summary>
    public static double[,,] Cube(Tensor tensor)
        => (double[,,])Fill(tensor, new double[Size(tensor, 3, 0), Size(tensor, 3, 1), Size(tensor, 3, 2)]);

    /// <summary>A tensor of four dimensions as an array: what <see cref="NaiveAttention"/> takes.</summary>
    public static double[,,,] Hypercube(Tensor tensor)
        => (double[,,,])Fill(tensor, new double[Size(tensor, 4, 0), Size(tensor, 4, 1), Size(tensor, 4, 2), Size(tensor, 4, 3)]);

    /// <summary>A boolean tensor of four dimensions as an array.</summary>
    public static bool[,,,] Booleans(Tensor tensor)
    {
        var numbers = Hypercube(tensor);
        var result = new bool[numbers.GetLength(0), numbers.GetLength(1), numbers.GetLength(2), numbers.GetLength(3)];
        Buffer.BlockCopy(Array.ConvertAll(Flatten(numbers), x => x != 0), 0, result, 0, result.Length);
        return result;
    }

    /// <summary>A tensor of the array's shape; float64 unless told otherwise.</summary>
    public static Tensor From(Array array, ScalarType type = ScalarType.Float64)
    {
        using var scope = NewDisposeScope();
        return tensor(Flatten(array), Shape(array)).to(type).MoveToOuterDisposeScope();
    }

    /// <summary>The elements of an array of numbers or booleans of any rank, row by row, as doubles.</summary>
    public static double[] Flatten(Array array)
    {
        var flat = new double[array.Length];
        var i = 0;
        foreach (var element in array)
            flat[i++] = Convert.ToDouble(element, System.Globalization.CultureInfo.InvariantCulture);
        return flat;
    }

    /// <summary>The sizes of an array, outermost first.</summary>
    public static long[] Shape(Array array) => [.. Enumerable.Range(0, array.Rank).Select(d => array.GetLongLength(d))];

    private static Array Fill(Tensor tensor, Array array)
    {
        Buffer.BlockCopy(Flat(tensor), 0, array, 0, sizeof(double) * array.Length);
        return array;
    }

    private static long Size(Tensor tensor, int rank, int dimension)
    {
        var shape = tensor.shape;
        return shape.Length == rank
            ? shape[dimension]
            : throw new ArgumentException($"Expected {rank} dimensions, got [{string.Join(", ", shape)}].", nameof(tensor));
    }
}
