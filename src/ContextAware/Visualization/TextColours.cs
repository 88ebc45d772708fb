namespace ContextAware.Visualization;

/// <summary>What colours a terminal can show.</summary>
public enum TextColours
{
    /// <summary>None: shades from block characters, for files and simple terminals.</summary>
    Plain,

    /// <summary>The 256 colours of xterm.</summary>
    Palette,

    /// <summary>24 bits a colour.</summary>
    True,
}
