namespace ContextAware.Visualization;

/// <summary>How <see cref="SvgRenderer"/> draws.</summary>
public sealed record SvgOptions
{
    /// <summary>The colours from low to high.</summary>
    public ColourMap ColourMap { get; init; } = ColourMap.Viridis;

    /// <summary>Which layer to draw, from 0; null draws all.</summary>
    public int? Layer { get; init; }

    /// <summary>Which head to draw, from 0; null draws all.</summary>
    public int? Head { get; init; }

    /// <summary>The side of a cell in pixels; null picks one by the number of cells.</summary>
    public double? CellSize { get; init; }

    /// <summary>Whether to write numbers into the cells; null where they fit.</summary>
    public bool? Numbers { get; init; }
}
