namespace ContextAware.Testing;

/// <summary>Finds files of this repository from a running test.</summary>
public static class RepositoryPaths
{
    private static readonly Lazy<string> FoundRoot = new(() => FindRoot(AppContext.BaseDirectory));

    /// <summary>The folder that holds ContextAware.sln.</summary>
    public static string Root => FoundRoot.Value;

    /// <summary>A path below the root.</summary>
    public static string At(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    internal static string FindRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ContextAware.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No ContextAware.sln in '{start}' or above it.");
    }
}
