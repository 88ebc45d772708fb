using System.CommandLine;
using Spectre.Console;

namespace Pronounce.Commands;

/// <summary>The command line of this program.</summary>
public static class PronounceCommand
{
    // A step of training and writing the model take well under this.
    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(30);

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where results and progress go.</param>
    /// <param name="error">Where an error goes, in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped, else 1.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, IAnsiConsole console, TextWriter error, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Learns to pronounce English words, and shows what it looks at.")
        {
            TrainCommand.Create(console),
            EvaluateCommand.Create(console),
            SayCommand.Create(console),
            DemoCommand.Create(console),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
            return await Fail(error, $"{WhatIsWrong(parsed)} Try {string.Join(' ', CommandPath(parsed))} --help.").ConfigureAwait(false);
        try
        {
            return await parsed.InvokeAsync(
                new()
                {
                    Output = console.Profile.Out.Writer,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = TimeToSave,
                },
                cancellation).ConfigureAwait(false);
        }
        catch (UserException mistake)
        {
            return await Fail(error, mistake.Message).ConfigureAwait(false);
        }
    }

    private static async Task<int> Fail(TextWriter error, string message)
    {
        await error.WriteLineAsync($"pronounce: {message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
        return ExitCode.Failure;
    }

    // A word that is no command is worth more than that a command is missing.
    private static string WhatIsWrong(ParseResult parsed) =>
        (parsed.UnmatchedTokens.Count > 0 ? parsed.Errors[^1] : parsed.Errors[0]).Message;

    private static IEnumerable<string> CommandPath(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? ["pronounce"] : ["pronounce", parsed.CommandResult.Command.Name];
}
