using System.CommandLine;
using Examples.Common;
using Spectre.Console;

namespace Caption.Commands;

/// <summary>The command line of this program.</summary>
public static class CaptionCommand
{
    /// <summary>The model that the program brings along.</summary>
    internal static string BundledModel => Path.Combine(AppContext.BaseDirectory, "model", "caption.safetensors");

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where results and progress go.</param>
    /// <param name="error">Where an error goes, in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped (143 by SIGTERM), else 1.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, IAnsiConsole console, TextWriter error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(console);
        var root = new RootCommand("Writes captions to pictures of handwritten digits, and shows where it looks.")
        {
            TrainCommand.Create(console),
            EvaluateCommand.Create(console),
            ShowCommand.Create(console),
        };
        return CommandProgram.RunAsync("caption", root, arguments, console.Profile.Out.Writer, error, cancellation);
    }

    /// <summary>The option for the model to use.</summary>
    internal static Option<string> Load() => CommonOptions.File("--load", "The model to use; without it, the one that comes with the program.", BundledModel);
}
