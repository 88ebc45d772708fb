using System.Text.Json;

namespace ContextAware.Benchmarks;

/// <summary>Asks a worker for <paramref name="Count"/> runs of a case.</summary>
internal sealed record Request(string Case, int Count);

/// <summary>Each run's time, and the bytes that the case's first run took at its peak. Error: why there is no time.</summary>
internal sealed record Reply(double[] Seconds, long Peak, string? Error);

internal static class Json
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
}
