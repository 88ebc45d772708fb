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
    public static int Run(IReadOnlyList<Case> cases)
    {
        var (name, peak) = ("", 0L);
        Action run = () => { };
        while (Console.In.ReadLine() is { } line)
        {
            var request = JsonSerializer.Deserialize<Request>(line, Json.Options)!;
            if (request.Case != name)
            {
                run = () => { };        // one case's tensors at a time
                GC.Collect();
                GC.WaitForPendingFinalizers();
                if (cases.FirstOrDefault(c => c.Name == request.Case) is not { Prepare: var prepare })
                {
                    Answer(new([], 0, "no such case"));
                    continue;
                }
                run = prepare();
                (name, peak) = (request.Case, ProcessMemory.PeakOf(run));
            }
            Answer(new(Time(run, request.Count), peak, null));
        }
        return 0;
    }

    private static void Answer(Reply reply)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(reply, Json.Options));
        Console.Out.Flush();
    }

    private static double[] Time(Action run, int count)
    {
        var seconds = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return seconds;
    }
}
