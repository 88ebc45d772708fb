using System.CommandLine;
using ContextAware;

namespace Examples.Common;

/// <summary>Runs a command line: one line for an error, exit codes as shells expect them.</summary>
public static class CommandProgram
{
    private const string TraceVariable = "CONTEXTAWARE_TRACE";

    /// <summary>How command lines are read: a word that begins with @ is a word, and no file of more.</summary>
    internal static ParserConfiguration Parsing { get; } = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command line.</summary>
    /// <param name="name">The program's name.</param>
    /// <param name="root">Its commands.</param>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="output">Where help goes.</param>
    /// <param name="error">Where an error goes, in one line.</param>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    /// <returns>0 if all went well, 130 if it was stopped (143 by SIGTERM), else 1.</returns>
    public static async Task<int> RunAsync(string name, RootCommand root, IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(error);
        FreedMemory.Keep();
        using var signals = new StopSignals(cancellation);
        try
        {
            var parsed = root.Parse(arguments, Parsing);
            if (parsed.Errors.Count > 0)
                throw new UserException($"{WhatIsWrong(parsed)} Try {string.Join(' ', CommandPath(name, parsed))} --help.");
            var code = await parsed.InvokeAsync(
                new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                signals.Token).ConfigureAwait(false);
            return code == ExitCode.Stopped ? signals.Code : code;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return signals.Code;
        }
        catch (UserException mistake)
        {
            return await Fail(name, error, mistake.Message).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            if (Environment.GetEnvironmentVariable(TraceVariable) == "1") await error.WriteLineAsync($"{fault}").ConfigureAwait(false);
            return await Fail(name, error, $"Something went wrong that should not have: {fault.Message} ({fault.GetType().Name}; {TraceVariable}=1 in the environment shows where).").ConfigureAwait(false);
        }
    }

    /// <summary>Lets a command run off this thread, so that Ctrl-C is heard.</summary>
    public static Command WithAction(this Command command, Func<ParseResult, CancellationToken, int> run)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.SetAction((parsed, cancellation) => Task.Run(() => run(parsed, cancellation), CancellationToken.None));
        return command;
    }

    private static async Task<int> Fail(string name, TextWriter error, string message)
    {
        await error.WriteLineAsync(VisibleText.Of($"{name}: {message.ReplaceLineEndings(" ")}")).ConfigureAwait(false);
        return ExitCode.Failure;
    }

    // A word that is no command is worth more than that a command is missing.
    private static string WhatIsWrong(ParseResult parsed) =>
        (parsed.UnmatchedTokens.Count > 0 ? parsed.Errors[^1] : parsed.Errors[0]).Message;

    private static IEnumerable<string> CommandPath(string name, ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? [name] : [name, parsed.CommandResult.Command.Name];
}
