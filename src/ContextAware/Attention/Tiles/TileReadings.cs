using ContextAware.Products;

namespace ContextAware.Attention.Tiles;

/// <summary>A <see cref="TileRows"/> as it stands, and panels: sums run along its rows.</summary>
internal readonly struct ByRow : IReading
{
    public static int Row => TileRows.Stride;

    public static int Step => 1;

    public static int RightRow(int panel) => panel;
}

/// <summary>Two <see cref="TileRows"/>, the left one transposed: sums run along its columns.</summary>
internal readonly struct ByColumn : IReading
{
    public static int Row => 1;

    public static int Step => TileRows.Stride;

    public static int RightRow(int panel) => TileRows.Stride;
}
