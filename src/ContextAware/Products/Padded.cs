namespace ContextAware.Products;

/// <summary>Lengths rounded up.</summary>
internal static class Padded
{
    /// <summary>The next multiple.</summary>
    internal static int Up(int length, int multiple) => (length + multiple - 1) / multiple * multiple;
}
