using System.Diagnostics;
using System.Text.Json;
using ContextAware.Benchmarks.Cases;

namespace ContextAware.Benchmarks;

/// <summary>
/// A process that runs cases on request: it reads <c>{"case": NAME, "count": N}</c> lines and answers
/// <c>{"seconds": [...], "peak": BYTES}</c>. The peer in Python (peers/worker.py) speaks the same.
/// </summary>
internal static class Worker
{
    public static int Run()
    {
        var ready = new Dictionary<string, Action>();
        while (Console.In.ReadLine() is { } line)
        {
            var request = JsonSerializer.Deserialize<Request>(line, Json.Options)!;
            var prepare = Catalogue.Find(request.Case)?.Prepare
                ?? throw new ArgumentException($"no case '{request.Case}'");
            if (!ready.TryGetValue(request.Case, out var run))
            {
                ready.Clear(); // one case's tensors at a time
                GC.Collect();
                GC.WaitForPendingFinalizers();
                ready[request.Case] = run = prepare();
                run();
            }
            Console.Out.WriteLine(JsonSerializer.Serialize(Measure(run, request.Count), Json.Options));
            Console.Out.Flush();
        }
        return 0;
    }

    private static Reply Measure(Action run, int count)
    {
        var before = ProcessMemory.ResetPeak();
        var seconds = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return new Reply(seconds, ProcessMemory.Peak() - before, null);
    }
}
