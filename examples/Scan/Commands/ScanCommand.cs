using System.CommandLine;
using Examples.Common;
using Spectre.Console;

namespace Scan.Commands;

/// <summary>The command line of this program.</summary>
public static class ScanCommand
{
    /// <summary>The model of a folder where none is named.</summary>
    internal const string DefaultFolder = "scan-run";

    /// <summary>What the figures of a training are called.</summary>
    internal static Figures Figures { get; } = new("commands", "dev error");

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where results and progress go.</param>
    /// <param name="error">Where an error goes, in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped (143 by SIGTERM), else 1.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, IAnsiConsole console, TextWriter error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(console);
        var root = new RootCommand("Learns to carry out the commands of SCAN: jump twice and walk left.")
        {
            TrainCommand.Create(console),
            EvaluateCommand.Create(console),
            DoCommand.Create(console),
        };
        return CommandProgram.RunAsync("scan", root, arguments, console.Profile.Out.Writer, error, cancellation);
    }

    /// <summary>Which division.</summary>
    internal static Option<string> Split() => CommonOptions.Choice("--split", "Which of the published divisions.", Language.ScanSplit.Names);

    /// <summary>Where the data are.</summary>
    internal static Option<string?> Data() =>
        CommonOptions.OptionalFolder("--data", "SCAN's folder or an archive of it. Without it: scan.tar.xz in the folder that CONTEXTAWARE_DATA names, else in ../shared/data.");

    /// <summary>The model to use.</summary>
    internal static Option<string> Model() => CommonOptions.File("--load", "The model to use.", Path.Combine(DefaultFolder, "model.safetensors"));
}
