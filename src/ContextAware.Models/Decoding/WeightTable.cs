namespace ContextAware.Models.Decoding;

/// <summary>Puts the weights of single steps under each other.</summary>
internal static class WeightTable
{
    /// <summary>A row for each step.</summary>
    public static float[,] From(IReadOnlyList<float[]> steps, int width)
    {
        var table = new float[steps.Count, width];
        for (var row = 0; row < steps.Count; row++)
        {
            for (var column = 0; column < width; column++) table[row, column] = steps[row][column];
        }

        return table;
    }
}
