using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Checks the matrices of <see cref="ColumnAttention"/>.</summary>
internal static class ColumnChecks
{
    /// <summary>Checks a matrix of floating-point numbers and returns its sizes.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="rowsName">What the number of rows is called.</param>
    /// <param name="rows">What it must be; null: anything.</param>
    /// <param name="columnsName">What the number of columns is called.</param>
    /// <param name="columns">What it must be; null: anything.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="like">The encoder states, whose dtype and device it must have; null for these themselves.</param>
    public static (long Rows, long Columns) Matrix(
        Tensor matrix, string rowsName, long? rows, string columnsName, long? columns, string name, Tensor? like = null)
    {
        ArgumentNullException.ThrowIfNull(matrix, name);
        var shape = matrix.shape;
        if (shape.Length != 2 || (rows ?? shape[0]) != shape[0] || (columns ?? shape[1]) != shape[1])
        {
            var expected = $"[{Text(rowsName, rows)},{Text(columnsName, columns)}]";
            throw new ArgumentException($"Expected a matrix {expected}, got {ShapeText.Compact(shape)}.", name);
        }

        if (like is null && !matrix.is_floating_point())
            throw new ArgumentException($"Expected floating-point numbers, got {matrix.dtype}.", name);
        if (like is not null)
            ScoreShape.CheckAlike("a matrix", matrix, "the encoder states", like, name);
        return (shape[0], shape[1]);
    }

    private static string Text(string name, long? size) =>
        size is null || name == $"{size}" ? name : $"{name}={size}";
}
