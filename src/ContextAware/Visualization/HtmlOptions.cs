namespace ContextAware.Visualization;

/// <summary>How <see cref="HtmlRenderer"/> draws.</summary>
public sealed record HtmlOptions
{
    /// <summary>The page's heading.</summary>
    public string Title { get; init; } = "Attention";

    /// <summary>The colours at first; the reader can choose others.</summary>
    public ColourMap ColourMap { get; init; } = ColourMap.Viridis;
}
