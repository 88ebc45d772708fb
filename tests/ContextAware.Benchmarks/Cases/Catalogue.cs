namespace ContextAware.Benchmarks.Cases;

/// <summary>All cases, in the order of the report.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Case> All { get; } = [.. MachineLimits.Cases, .. TinyCalls.Cases, .. VisionCases.Cases];

    public static Case? Find(string name) => All.FirstOrDefault(c => c.Name == name);
}
