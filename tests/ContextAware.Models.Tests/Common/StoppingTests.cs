using System.Diagnostics;
using Ask.Commands;
using Caption.Commands;
using Pronounce.Commands;

namespace ContextAware.Models.Tests.Common;

/// <summary>A command that is told to stop stops before the next step.</summary>
public sealed class StoppingTests : IDisposable
{
    // Far below what the commands here take, far above what a step does.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly CommandLine program = new(PronounceCommand.RunAsync);

    public void Dispose() => program.Dispose();

    [Theory]
    [InlineData("say", "hello", "--beam", "5")]
    [InlineData("evaluate")]
    [InlineData("evaluate", "--beam", "3", "--lengths")]
    [InlineData("demo", "--folder", "demo")]
    public async Task A_stop_is_heard_before_a_word_is_said(params string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Equal(130, await program.Run(stop.Token, [.. arguments.Select(argument => argument == "demo" && arguments[0] != argument ? program.File(argument) : argument)]));
        Assert.DoesNotContain("WER", program.Output);
        Assert.Equal("", program.Error);
    }

    [Theory]
    [InlineData("caption", "evaluate")]
    [InlineData("caption", "show")]
    [InlineData("ask", "evaluate")]
    [InlineData("ask", "show")]
    public async Task A_stop_is_heard_before_a_picture_is_looked_at(string name, string command)
    {
        using var pictures = new CommandLine(name == "ask" ? AskCommand.RunAsync : CaptionCommand.RunAsync);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var page = pictures.File("page.html");
        Assert.Equal(130, await pictures.Run(stop.Token, command == "show" ? [command, "--page", page] : [command]));
        Assert.Equal(("", ""), (pictures.Output, pictures.Error));
        Assert.False(File.Exists(page));
    }

    [Fact]
    public async Task Decoding_stops_between_two_steps()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(130, await program.Run(stop.Token, "evaluate", "--beam", "100"));
        Assert.True(Stopwatch.GetElapsedTime(begun) < Soon, $"{Stopwatch.GetElapsedTime(begun)}");
    }

    // Not by SIGINT: who starts tests in the background has it ignored.
    [Fact]
    public async Task A_signal_ends_the_process_with_its_code()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no kill.");
        using var process = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pronounce.dll"), "evaluate", "--beam", "100"]);
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        using var patience = new CancellationTokenSource(Soon);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(143, process.ExitCode);
    }
}
