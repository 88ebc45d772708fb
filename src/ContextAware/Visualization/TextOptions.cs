namespace ContextAware.Visualization;

/// <summary>How <see cref="TextRenderer"/> draws.</summary>
public sealed record TextOptions
{
    /// <summary>What the terminal can show; <see cref="Detect"/> finds out.</summary>
    public TextColours Colours { get; init; }

    /// <summary>The terminal's width in characters. Wider maps are drawn in parts, one under the other.</summary>
    public int Width { get; init; } = 80;

    /// <summary>The colours from low to high.</summary>
    public ColourMap ColourMap { get; init; } = ColourMap.Viridis;

    /// <summary>Writes the numbers into the cells.</summary>
    public bool Numbers { get; init; }

    /// <summary>Which layer to draw, from 0.</summary>
    public int Layer { get; init; }

    /// <summary>Which head to draw, from 0.</summary>
    public int Head { get; init; }

    /// <summary>What colours a terminal can show, from its environment variables.</summary>
    /// <param name="variable">Looks a variable up: <c>Environment.GetEnvironmentVariable</c> in a program.</param>
    /// <param name="isTerminal">False where the output goes to a file or a pipe (<c>!Console.IsOutputRedirected</c>).</param>
    /// <remarks>
    /// NO_COLOR (no-color.org) turns colours off. COLORTERM tells of true colour, TERM of 256 colours;
    /// Windows's consoles set neither and know true colour.
    /// </remarks>
    public static TextColours Detect(Func<string, string?> variable, bool isTerminal)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var term = variable("TERM") ?? "";
        if (!isTerminal || !string.IsNullOrEmpty(variable("NO_COLOR")) || term == "dumb")
            return TextColours.Plain;
        if (variable("COLORTERM") is "truecolor" or "24bit" || term.EndsWith("-direct", StringComparison.Ordinal))
            return TextColours.True;
        if (term.Length == 0)
            return variable("OS") == "Windows_NT" ? TextColours.True : TextColours.Plain;
        string[] known = ["xterm", "screen", "tmux", "rxvt", "alacritty", "kitty", "foot"];
        return term.Contains("256color", StringComparison.Ordinal) || known.Any(name => term.StartsWith(name, StringComparison.Ordinal))
            ? TextColours.Palette
            : TextColours.Plain;
    }
}
