using System.CommandLine;
using Examples.Common;

namespace ContextAware.Models.Tests.Common;

public sealed class CommandProgramTests
{
    [Fact]
    public async Task A_fault_of_the_program_is_one_line_too()
    {
        var (code, error) = await Run(() => throw new InvalidOperationException("first\nsecond"));
        Assert.Equal(1, code);
        Assert.Equal("program: Something went wrong that should not have: first second (InvalidOperationException; CONTEXTAWARE_TRACE=1 in the environment shows where).", error.TrimEnd());
    }

    [Fact]
    public async Task What_a_file_says_cannot_act_on_the_terminal()
    {
        var (_, error) = await Run(() => throw new UserException("a tensor '\e]0;title\a\e[2J\u009b1m\u202e'"));
        Assert.Equal("program: a tensor '␛]0;title␇␛[2J\uFFFD1m\uFFFD'", error.TrimEnd());
    }

    [Fact]
    public async Task A_stop_is_130()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var (code, error) = await RunUntil(() => throw new OperationCanceledException(), stop.Token);
        Assert.Equal((130, ""), (code, error));
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_a_fault() => Assert.Equal(1, (await Run(() => throw new OperationCanceledException())).Code);

    private static Task<(int Code, string Error)> Run(Func<int> run) => RunUntil(run, TestContext.Current.CancellationToken);

    private static async Task<(int Code, string Error)> RunUntil(Func<int> run, CancellationToken cancellation)
    {
        using var error = new StringWriter();
        var root = new RootCommand { new Command("do").WithAction((_, _) => run()) };
        return (await CommandProgram.RunAsync("program", root, ["do"], TextWriter.Null, error, cancellation), error.ToString());
    }
}
