using System.Diagnostics;
using Ask.Commands;
using Caption.Commands;
using ContextAware.Models.Decoding;
using Examples.Common;
using Pronounce.Commands;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Common;

/// <summary>A command that is told to stop stops before the next step.</summary>
public sealed class StoppingTests : IDisposable
{
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
    public void Decoding_stops_between_two_steps()
    {
        using var stop = new CancellationTokenSource();
        var model = new EndlessModel(step =>
        {
            if (step == 3) stop.Cancel();
        });
        var decoder = new GreedyDecoder(new StoppableModel(model, stop.Token), maximumLength: 10);
        Assert.Throws<OperationCanceledException>(() => decoder.Decode([[3]]));
        Assert.Equal((3, 0), (model.Steps, model.Open));
        Assert.Throws<OperationCanceledException>(() => decoder.Decode([[3]]));
        Assert.Equal((3, 0), (model.Steps, model.Open));
    }

    // Not by SIGINT: who starts tests in the background has it ignored.
    [Fact]
    public async Task A_signal_ends_the_process_with_its_code()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no kill.");
        var model = program.File("model.safetensors");
        string[] arguments =
        [
            "train", "--train", program.WriteEasyWords("train.txt", 300, seed: 1), "--dev", program.WriteEasyWords("dev.txt", 10, seed: 2),
            "--hidden", "32", "--embedding", "16", "--batch", "16", "--epochs", "1000000", "--save", model,
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pronounce.dll"), .. arguments]) { RedirectStandardOutput = true })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            // The first step is told of as soon as it is taken.
            var line = "";
            while (!line.Contains("loss", StringComparison.Ordinal))
                line = await process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("It ended before its first step.");
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            var rest = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal(143, process.ExitCode);
            // A process that doesn't hear the signal has the same code. But only one that does says that it saved the model.
            Assert.Contains($"Saved {model}", rest, StringComparison.Ordinal);
            Assert.True(File.Exists(model));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Never finds an end, and tells of each step.</summary>
    private sealed class EndlessModel(Action<int> taken) : ISequenceModel
    {
        public int Steps { get; private set; }

        public int Open { get; private set; }

        public DecodingSession Start(Tensor source, Tensor sourceLengths)
        {
            Open++;
            return new Session(this);
        }

        private DecodingStep Answer()
        {
            taken(++Steps);
            return new(tensor(new[] { 0, 0, 0, 1f }).unsqueeze(0), null);
        }

        private sealed class Session(EndlessModel model) : DecodingSession
        {
            public override DecodingStep Advance(Tensor tokens) => model.Answer();

            public override void Reorder(long[] rows) => throw new NotSupportedException("A greedy decoder does not reorder.");

            protected override void Dispose(bool disposing) => model.Open--;
        }
    }
}
