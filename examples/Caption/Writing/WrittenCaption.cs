namespace Caption.Writing;

/// <summary>A caption, and where the model looked for each of its words.</summary>
/// <param name="Words">The words.</param>
/// <param name="Weights">A row for each word, and one for the end; a column for each place, row by row.</param>
/// <param name="Rows">Rows of the grid of places.</param>
/// <param name="Columns">Columns of the grid of places.</param>
public sealed record WrittenCaption(IReadOnlyList<string> Words, float[,] Weights, int Rows, int Columns)
{
    /// <summary>The weights of one word <c>[rows, columns]</c>.</summary>
    public float[,] Map(int word)
    {
        var map = new float[Rows, Columns];
        for (var place = 0; place < Rows * Columns; place++) map[place / Columns, place % Columns] = Weights[word, place];
        return map;
    }

    /// <summary>The middle of the place that a word looked at most, in pixels of a picture.</summary>
    public (double Row, double Column) Peak(int word, int height, int width)
    {
        var best = 0;
        for (var place = 1; place < Rows * Columns; place++)
        {
            if (Weights[word, place] > Weights[word, best]) best = place;
        }

        return (((best / Columns) + 0.5) * height / Rows, ((best % Columns) + 0.5) * width / Columns);
    }
}
