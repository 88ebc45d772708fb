using ContextAware.Visualization;
using Spectre.Console;

namespace Examples.Common;

/// <summary>Shows attention maps on a console.</summary>
public static class MapText
{
    // TextRenderer takes no less.
    private const int Narrowest = 20;

    // Where no window says how wide.
    private const int Usual = 80;

    /// <summary>Writes a map in the colours that the console has.</summary>
    public static void Show(IAnsiConsole console, AttentionMap map) =>
        // The renderer has chosen its colours: it goes past Spectre's markup.
        console.Profile.Out.Writer.WriteLine(TextRenderer.Render(map, new()
        {
            Colours = console.Profile.Capabilities.Ansi ? TextOptions.Detect(Environment.GetEnvironmentVariable, console.Profile.Out.IsTerminal) : TextColours.Plain,
            Width = console.Profile.Out.IsTerminal ? Math.Max(Narrowest, console.Profile.Width) : Usual,
        }));
}
