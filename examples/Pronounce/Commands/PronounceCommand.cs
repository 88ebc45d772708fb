using System.CommandLine;
using Examples.Common;
using Spectre.Console;

namespace Pronounce.Commands;

/// <summary>The command line of this program.</summary>
public static class PronounceCommand
{
    /// <summary>What the figures of a training are called.</summary>
    internal static Figures Figures { get; } = new("words", "dev PER");

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where results and progress go.</param>
    /// <param name="error">Where an error goes, in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped (143 by SIGTERM), else 1.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, IAnsiConsole console, TextWriter error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(console);
        var root = new RootCommand("Learns to pronounce English words, and shows what it looks at.")
        {
            TrainCommand.Create(console),
            EvaluateCommand.Create(console),
            SayCommand.Create(console),
            PackCommand.Create(console),
            DemoCommand.Create(console),
        };
        return CommandProgram.RunAsync("pronounce", root, arguments, console.Profile.Out.Writer, error, cancellation);
    }
}
