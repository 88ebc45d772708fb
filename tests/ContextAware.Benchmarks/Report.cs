using System.Globalization;
using System.Text;
using System.Text.Json;
using TorchSharp;

namespace ContextAware.Benchmarks;

/// <summary>The table that a person reads (Markdown) and the same numbers for programs (JSON).</summary>
internal static class Report
{
    public static void Write(IReadOnlyList<Result> results, int threads, string folder)
    {
        var table = Table(results, threads);
        Console.WriteLine(table);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "report.md"), table);
        File.WriteAllText(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(results, Json.Options));
        Console.WriteLine($"Written to {Path.GetFullPath(folder)}");
    }

    private static string Table(IReadOnlyList<Result> results, int threads)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"libtorch {torch.__version__}, {threads} threads; medians of alternating rounds; a ratio below 1: ours is faster.\n");
        text.Append("Products: the time of the case's matrix products at the speed of the bare product, as a share of ours.\n\n");
        text.Append("| case | allocator | ours ms | products | PyTorch ms | ratio | TorchSharp ms | ratio | ours peak MB | PyTorch peak MB |\n");
        text.Append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var r in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {r.Case} | {(r.Retained ? "retained" : "as it comes")} | {1e3 * r.Seconds:F2} | {Cell(r.ProductShare, "P0")} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(1e3 * r.PyTorch?.Seconds, "F2")} | {Cell(r.PyTorch?.Ratio, "F2")} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(1e3 * r.TorchSharp?.Seconds, "F2")} | {Cell(r.TorchSharp?.Ratio, "F2")} ");
            text.Append(CultureInfo.InvariantCulture, $"| {r.Peak / 1e6:F0} | {Cell(r.PyTorch?.Peak / 1e6, "F0")} |\n");
        }
        text.Append('\n');
        foreach (var r in results.DistinctBy(r => r.Case)) text.Append(CultureInfo.InvariantCulture, $"- {r.Case}: {r.What}\n");
        return text.ToString();
    }

    private static string Cell(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
