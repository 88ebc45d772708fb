using Spectre.Console;

namespace Examples.Common;

/// <summary>The console of a program.</summary>
public static class ProgramConsole
{
    // Wider than any line: what goes to a file or a pipe has no window to fit.
    private const int Unbroken = 1 << 20;

    /// <summary>The console, which breaks lines on a terminal and nowhere else.</summary>
    public static IAnsiConsole Open()
    {
        var console = AnsiConsole.Console;
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = Unbroken;
        return console;
    }
}
