namespace Ask.Questions;

/// <summary>A coloured circle or square on a picture.</summary>
/// <param name="Colour">Which of <see cref="ShapeScene.Colours"/>.</param>
/// <param name="IsCircle">Otherwise it is a square.</param>
/// <param name="Row">The row of its middle.</param>
/// <param name="Column">The column of its middle.</param>
public sealed record Thing(int Colour, bool IsCircle, int Row, int Column)
{
    /// <summary>What it is called.</summary>
    public string Shape => IsCircle ? "circle" : "rectangle";

    /// <summary>The squared distance of the middles.</summary>
    public int DistanceTo(Thing other) => ((Row - other.Row) * (Row - other.Row)) + ((Column - other.Column) * (Column - other.Column));
}
