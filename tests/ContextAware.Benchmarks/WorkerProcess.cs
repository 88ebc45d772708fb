using System.Diagnostics;
using System.Text.Json;

namespace ContextAware.Benchmarks;

/// <summary>The driver's end of a worker.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;

    private WorkerProcess(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        process = Process.Start(start) ?? throw new InvalidOperationException($"can't start {program}");
    }

    public static WorkerProcess Ours(IReadOnlyDictionary<string, string> environment) =>
        new(Environment.ProcessPath!, ["worker"], environment);

    /// <summary>Runs TorchSharp's own modules in a process like ours.</summary>
    public static WorkerProcess TorchSharp(IReadOnlyDictionary<string, string> environment) =>
        new(Environment.ProcessPath!, ["worker", "torchsharp"], environment);

    /// <summary>PyTorch's worker; null where no Python with torch is installed.</summary>
    public static WorkerProcess? PyTorch(IReadOnlyDictionary<string, string> environment)
    {
        var python = Environment.GetEnvironmentVariable("CONTEXTAWARE_PYTHON") ?? "/usr/bin/python3";
        if (!File.Exists(python)) return null;
        using var probe = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true })!;
        probe.StandardError.ReadToEnd();
        probe.WaitForExit();
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "worker.py");
        return probe.ExitCode == 0 ? new WorkerProcess(python, [script], environment) : null;
    }

    public Reply Ask(string name, int count)
    {
        process.StandardInput.WriteLine(JsonSerializer.Serialize(new Request(name, count), Json.Options));
        process.StandardInput.Flush();
        var line = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{process.StartInfo.FileName} ended while it ran '{name}'");
        return JsonSerializer.Deserialize<Reply>(line, Json.Options)!;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
