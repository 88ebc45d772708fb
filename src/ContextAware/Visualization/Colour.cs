namespace ContextAware.Visualization;

/// <summary>A colour of the sRGB space, eight bits a channel.</summary>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>As CSS writes it: #rrggbb.</summary>
    public string Hex => $"#{Red:x2}{Green:x2}{Blue:x2}";

    /// <summary>Whether white text is easier to read on this colour than black.</summary>
    public bool IsDark => Luminance < 0.179; // where both contrasts are equal: 1.05 / (Y + 0.05) = (Y + 0.05) / 0.05

    /// <summary>Relative luminance Y of WCAG 2: 0 is black, 1 is white.</summary>
    public double Luminance => 0.2126 * OkLab.Linear(Red) + 0.7152 * OkLab.Linear(Green) + 0.0722 * OkLab.Linear(Blue);
}
