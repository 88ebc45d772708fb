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
            if (Choose(parsed.GetValue(cases)) is not { } chosen) return 1;
            var results = Measure(chosen, parsed.GetValue(rounds), parsed.GetValue(threads));
            Report.Write(results, parsed.GetValue(threads), parsed.GetValue(output)!);
            return 0;
        });
        return root.Parse(args).Invoke();
    }

    /// <summary>The cases of these names, in the order of the catalogue; none: all. Null, with a word about it, if one isn't there.</summary>
    private static IReadOnlyList<Case>? Choose(string[]? names)
    {
        if (names is null or []) return Catalogue.All;
        if (Array.Find(names, name => Catalogue.Find(name) is null) is { } unknown)
        {
            Console.Error.WriteLine($"There is no case '{unknown}'. There are: {string.Join(", ", Catalogue.All.Select(c => c.Name))}");
            return null;
        }
        // The bare product is always measured: the others are compared with it.
        return [.. Catalogue.All.Where(c => c.Name == MachineLimits.Product || names.Contains(c.Name))];
    }

    private static List<Result> Measure(IReadOnlyList<Case> cases, int rounds, int threads)
    {
        var results = new List<Result>();
        foreach (bool retained in new[] { false, true })
        {
            var environment = Settings(threads, retained);
            using var ours = WorkerProcess.Ours(environment);
            using var pyTorch = WorkerProcess.PyTorch(environment);
            using var torchSharp = Catalogue.TorchSharp.Count > 0 ? WorkerProcess.TorchSharp(environment) : null;
            if (pyTorch is null) Console.Error.WriteLine("No Python with torch here (set CONTEXTAWARE_PYTHON): measuring without it.");
            double? operationsPerSecond = null;
            foreach (var item in cases)
            {
                Console.Error.WriteLine($"{item.Name} ({(retained ? "memory retained" : "allocator as it comes")}) ...");
                var result = Compare(item, ours, pyTorch, torchSharp, rounds, retained);
                if (item.Name == MachineLimits.Product) operationsPerSecond = item.Operations / result.Seconds;
                results.Add(result with { ProductShare = item.Operations == 0 ? null : item.Operations / operationsPerSecond / result.Seconds });
            }
        }
        return results;
    }

    private static Result Compare(Case item, WorkerProcess ours, WorkerProcess? pyTorch, WorkerProcess? torchSharp, int rounds, bool retained)
    {
        // The first run, with its warm-up, tells how many make a measurable round.
        int count = (int)Math.Clamp(0.2 / ours.Ask(item.Name, 1).Seconds[0], 1, 200);
        var mine = new Rounds(ours, item.Name);
        Rounds?[] peers = [Of(pyTorch), Of(torchSharp)];
        foreach (var side in peers.Prepend(mine)) side?.WarmUp(count);
        for (int round = 0; round < rounds; round++)
        {
            mine.Run(count);
            for (int i = 0; i < peers.Length; i++)
            {
                if (peers[i]?.Run(count) == false) peers[i] = null;
            }
        }
        return new(item.Name, item.What, retained, mine.Seconds, mine.Peak)
        {
            PyTorch = peers[0]?.Beside(mine),
            TorchSharp = peers[1]?.Beside(mine),
        };

        Rounds? Of(WorkerProcess? worker) => worker is null ? null : new(worker, item.Name);
    }

    // Both sides get the same threads, the same BLAS kernels, the same patience of idle threads and the same allocator.
    private static Dictionary<string, string> Settings(int threads, bool retained)
    {
        var settings = new Dictionary<string, string> { ["OMP_NUM_THREADS"] = $"{threads}" };
        if (Avx512F.IsSupported) SetUnlessSet("OPENBLAS_CORETYPE", "SkylakeX");
        SetUnlessSet("OPENBLAS_THREAD_TIMEOUT", "10");
        SetUnlessSet("GOMP_SPINCOUNT", "1000");
        if (retained)
        {
            settings["MALLOC_MMAP_THRESHOLD_"] = $"{1L << 30}";
            settings["MALLOC_TRIM_THRESHOLD_"] = $"{1L << 34}";
        }
        return settings;

        void SetUnlessSet(string name, string value)
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) settings[name] = value;
        }
    }
}
