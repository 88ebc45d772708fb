using System.CommandLine;
using Spectre.Console;

namespace Pictures;

/// <summary>Runs a command line; a mistake of the user's becomes one line.</summary>
public static class ExampleProgram
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>A mistake.</summary>
    public const int Failure = 1;

    /// <summary>Stopped by Ctrl-C: 128 and the number of the signal, as shells do.</summary>
    public const int Stopped = 130;

    // A step of training and writing the model take well under this.
    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(30);

    /// <summary>Runs.</summary>
    /// <param name="name">What errors begin with.</param>
    /// <param name="root">The commands.</param>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where help goes.</param>
    /// <param name="error">Where an error goes, in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped, else 1.</returns>
    public static async Task<int> RunAsync(
        string name, RootCommand root, IReadOnlyList<string> arguments, IAnsiConsole console, TextWriter error, CancellationToken cancellation = default)
    {
        var parsed = root.Parse(arguments);
        try
        {
            if (parsed.Errors.Count > 0)
                throw new UserException($"{(parsed.UnmatchedTokens.Count > 0 ? parsed.Errors[^1] : parsed.Errors[0]).Message} Try {name} --help.");
            var configuration = new InvocationConfiguration
            {
                Output = console.Profile.Out.Writer,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeToSave,
            };
            return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
        catch (UserException mistake)
        {
            await error.WriteLineAsync($"{name}: {mistake.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return Failure;
        }
    }

    /// <summary>Lets a command run off this thread, so that Ctrl-C is heard.</summary>
    public static Command WithAction(this Command command, Func<ParseResult, CancellationToken, int> run)
    {
        command.SetAction((parsed, cancellation) => Task.Run(() => run(parsed, cancellation), CancellationToken.None));
        return command;
    }
}
