using System.CommandLine;
using System.Runtime.Intrinsics.X86;
using ContextAware.Benchmarks.Cases;

namespace ContextAware.Benchmarks;

/// <summary>Runs our worker and the peer's in turn, the same case in each round, and reports medians and ratios.</summary>
internal static class Driver
{
    public static int Run(string[] args)
    {
        var cases = new Option<string[]>("--cases") { Description = "Names of cases to run (default: all)", AllowMultipleArgumentsPerToken = true };
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds of each case", DefaultValueFactory = _ => 7 };
        var threads = new Option<int>("--threads") { Description = "Threads of both sides", DefaultValueFactory = _ => Environment.ProcessorCount };
        var output = new Option<string>("--out") { Description = "Folder for report.md and report.json", DefaultValueFactory = _ => Path.Combine("artifacts", "bench") };
        var root = new RootCommand("Measures ContextAware beside plain PyTorch, in alternating rounds on this machine.") { cases, rounds, threads, output };
        root.SetAction(parsed =>
        {
            var chosen = parsed.GetValue(cases) is { Length: > 0 } names
                ? names.Select(n => Catalogue.Find(n) ?? throw new ArgumentException($"no case '{n}'; there are: {string.Join(", ", Catalogue.All.Select(c => c.Name))}")).ToList()
                : Catalogue.All;
            var results = Measure(chosen, parsed.GetValue(rounds), parsed.GetValue(threads));
            Report.Write(results, parsed.GetValue(threads), parsed.GetValue(output)!);
            return 0;
        });
        return root.Parse(args).Invoke();
    }

    private static List<Result> Measure(IReadOnlyList<Case> cases, int rounds, int threads)
    {
        var results = new List<Result>();
        foreach (bool retained in new[] { false, true })
        {
            var environment = Settings(threads, retained);
            using var ours = WorkerProcess.Ours(environment);
            using var peer = WorkerProcess.PyTorch(environment);
            if (peer is null) Console.Error.WriteLine("No Python with torch here (set CONTEXTAWARE_PYTHON): measuring without the peer.");
            foreach (var item in cases)
            {
                Console.Error.WriteLine($"{item.Name} ({(retained ? "memory retained" : "allocator as it comes")}) ...");
                results.Add(Compare(item, ours, peer, rounds, retained));
            }
        }
        return results;
    }

    private static Result Compare(Case item, WorkerProcess ours, WorkerProcess? peer, int rounds, bool retained)
    {
        // The first run, with its warm-up, tells how many make a measurable round.
        int count = (int)Math.Clamp(0.2 / ours.Ask(item.Name, 1).Seconds[0], 1, 200);
        List<double> mine = [], theirs = [], ratios = [];
        long myPeak = 0, theirPeak = 0;
        for (int round = 0; round < rounds; round++)
        {
            var a = ours.Ask(item.Name, count);
            mine.Add(Statistics.Median(a.Seconds));
            myPeak = Math.Max(myPeak, a.Peak);
            if (peer?.Ask(item.Name, count) is not { Error: null } b) continue;
            theirs.Add(Statistics.Median(b.Seconds));
            theirPeak = Math.Max(theirPeak, b.Peak);
            ratios.Add(mine[^1] / theirs[^1]);
        }
        return new Result(
            item.Name, item.What, retained, Statistics.Median(mine), myPeak,
            theirs.Count == 0 ? null : Statistics.Median(theirs), theirs.Count == 0 ? null : theirPeak,
            ratios.Count == 0 ? null : Statistics.Median(ratios));
    }

    // Both sides get the same threads, the same BLAS kernels and the same allocator.
    private static Dictionary<string, string> Settings(int threads, bool retained)
    {
        var settings = new Dictionary<string, string> { ["OMP_NUM_THREADS"] = $"{threads}" };
        if (Avx512F.IsSupported && Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is null)
            settings["OPENBLAS_CORETYPE"] = "SkylakeX";
        if (retained)
        {
            settings["MALLOC_MMAP_THRESHOLD_"] = $"{1L << 30}";
            settings["MALLOC_TRIM_THRESHOLD_"] = $"{1L << 34}";
        }
        return settings;
    }
}
