using System.Diagnostics;
using System.Text.Json;
using ContextAware.Models.Training;
using Pronounce.Commands;

namespace ContextAware.Models.Tests.Pronounce;

public sealed class RunFolderTests : IDisposable
{
    private const int Kills = 4;

    private readonly CommandLine program = new(PronounceCommand.RunAsync);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task A_process_killed_at_any_moment_and_taken_up_gives_the_model_of_one_that_was_not()
    {
        var how = Command(epochs: 40);
        var (whole, killed) = (program.File("whole"), program.File("killed"));
        Assert.Equal(0, (await Finish(Start([.. how, "--folder", whole]))).Code);
        var seed = Random.Shared.Next();
        var moments = new Random(seed);
        var told = new List<string>();
        while (told.Count <= Kills)
        {
            var process = Start(File.Exists(Path.Combine(killed, "run.json")) ? ["train", "--resume", "--folder", killed] : [.. how, "--folder", killed]);
            // The time until it reads its words is the machine's; from there on any moment will do.
            await process.StandardOutput.ReadLineAsync(Cancellation);
            // The first one is to leave something to take up, however slow the machine, and something to do, however fast.
            while (told.Count == 0 && !process.HasExited && !File.Exists(Path.Combine(killed, "training.safetensors")))
                await Task.Delay(10, Cancellation);
            if (told.Count < Kills)
            {
                if (told.Count > 0) await Task.Delay(moments.Next(1500), Cancellation);
                process.Kill();
            }

            var (code, output) = await Finish(process);
            told.Add(output);
            if (code == 0) break;
            Assert.True(told.Count <= Kills, $"exit code {code}, seed {seed}");
        }

        Assert.Contains(told, output => output.Contains("Going on at step", StringComparison.Ordinal));
        Assert.True(
            File.ReadAllBytes(Path.Combine(whole, "model.safetensors")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(killed, "model.safetensors"))),
            $"The models differ, seed {seed}.");
        Assert.Equal(
            MetricsLog.Read(Path.Combine(whole, "metrics.jsonl")).Where(line => line.Event == "epoch").Select(line => (line.Step, line.Loss, line.Validation)),
            MetricsLog.Read(Path.Combine(killed, "metrics.jsonl")).Where(line => line.Event == "epoch").Select(line => (line.Step, line.Loss, line.Validation)));
        Assert.Equal(["curves.svg", "metrics.jsonl", "model.safetensors", "run.json", "training.safetensors"],
            Directory.GetFiles(killed).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_run_keeps_what_it_was_asked_for_its_figures_and_its_curves()
    {
        var run = program.File("run");
        Assert.Equal(0, await program.Run([.. Command(epochs: 2), "--folder", run]));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "run.json")));
        Assert.Contains("--epochs", json.RootElement.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()));
        Assert.Equal(5, json.RootElement.GetProperty("details").GetProperty("seed").GetInt64());
        Assert.Equal(32, json.RootElement.GetProperty("details").GetProperty("settings").GetProperty("hidden").GetInt32());
        var curves = File.ReadAllText(Path.Combine(run, "curves.svg"));
        Assert.Contains("Training loss", curves);
        Assert.Contains("dev PER", curves);
        Assert.Equal(2, MetricsLog.Read(Path.Combine(run, "metrics.jsonl")).Count(line => line.Event == "epoch"));
        Assert.Equal(0, await program.Run("say", "bead", "--load", Path.Combine(run, "model.safetensors")));

        Assert.Equal(1, await program.Run([.. Command(epochs: 2), "--folder", run]));
        Assert.Contains("--resume", program.Error);
        Assert.Equal(1, await program.Run("train", "--resume", "--folder", run, "--epochs", "5"));
        Assert.Contains("leave --epochs out", program.Error);
        File.WriteAllText(Path.Combine(run, "run.json"), "{}");
        Assert.Equal(1, await program.Run("train", "--resume", "--folder", run));
        Assert.Contains("broken", program.Error);
        File.WriteAllText(Path.Combine(run, "run.json"), """{"arguments":["evaluate"]}""");
        Assert.Contains("broken", await program.Fail("train", "--resume", "--folder", run));
        Assert.Equal(1, await program.Run("train", "--resume", "--folder", program.File("nowhere")));
        Assert.Contains("nowhere", program.Error);
    }

    [Fact]
    public async Task A_stopped_run_goes_on_to_the_model_of_one_that_was_not_stopped()
    {
        var how = Command(epochs: 12);
        Assert.Equal(0, await program.Run([.. how, "--folder", program.File("whole")]));
        Assert.Equal(130, await program.RunUntil("epoch 3", [.. how, "--folder", program.File("stopped")]));
        Assert.Equal(0, await program.Run("train", "--resume", "--folder", program.File("stopped")));
        Assert.Equal(File.ReadAllBytes(program.File("whole/model.safetensors")), File.ReadAllBytes(program.File("stopped/model.safetensors")));
    }

    private string[] Command(int epochs) =>
    [
        "train", "--train", program.WriteEasyWords("train.txt", 300, seed: 1), "--dev", program.WriteEasyWords("dev.txt", 10, seed: 2), "--epochs", $"{epochs}",
        "--hidden", "32", "--embedding", "16", "--dropout", "0.1", "--batch", "16", "--average", "0.9", "--seed", "5", "--checkpoint-steps", "7",
    ];

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pronounce.dll"), .. arguments]) { RedirectStandardOutput = true })!;

    private static async Task<(int Code, string Output)> Finish(Process process)
    {
        using (process)
        {
            var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            return (process.ExitCode, output);
        }
    }
}
