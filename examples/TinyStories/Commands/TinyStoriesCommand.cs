using System.CommandLine;
using Examples.Common;

namespace TinyStories.Commands;

/// <summary>The command line of this program.</summary>
public static class TinyStoriesCommand
{
    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="output">Where stories go, as UTF-8 and nothing else.</param>
    /// <param name="error">Where everything else goes: figures, names of written files, an error in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped (143 by SIGTERM), else 1.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Stream output, TextWriter error, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Tells stories with a small trained transformer, and shows where it looks.")
        {
            TellCommand.Create(output, error),
            LookCommand.Create(error),
            ConvertCommand.Create(error),
        };
        using var help = new StreamWriter(output, leaveOpen: true);
        return await CommandProgram.RunAsync("tinystories", root, arguments, help, error, cancellation).ConfigureAwait(false);
    }
}
