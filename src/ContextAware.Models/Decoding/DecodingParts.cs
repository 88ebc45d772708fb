using ContextAware.Concurrency;
using ContextAware.Models.Data;

namespace ContextAware.Models.Decoding;

/// <summary>Sources that are decoded in parts side by side, each on a thread of its own.</summary>
internal static class DecodingParts
{
    /// <summary>Decodes.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="atOnce">How many parts; 1 leaves the threads to libtorch.</param>
    /// <param name="decode">Decodes some of the sources.</param>
    /// <returns>What each source gave.</returns>
    public static IReadOnlyList<T> Decode<T>(IReadOnlyList<int[]> sources, int atOnce, Func<IReadOnlyList<int[]>, IReadOnlyList<T>> decode)
    {
        SequenceBatch.CheckSources(sources);       // a part would name its own numbers
        var parts = Math.Min(atOnce, sources.Count);
        if (parts <= 1) return decode(sources);
        // Where sources are sorted by length, each part gets as many of the short as of the long.
        using var workers = new BatchWorkers(parts);
        var found = workers.Run(parts, part => decode([.. sources.Where((_, i) => i % parts == part)]));
        return [.. sources.Select((_, i) => found[i % parts][i / parts])];
    }
}
