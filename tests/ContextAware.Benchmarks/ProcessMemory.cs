using System.Globalization;

namespace ContextAware.Benchmarks;

/// <summary>Resident memory of this process, in bytes, as Linux counts it; 0 on other systems.</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was resident while an action ran, above what was before; 0 where the system doesn't say.</summary>
    public static long PeakOf(Action action)
    {
        if (!OperatingSystem.IsLinux())
        {
            action();
            return 0;
        }
        File.WriteAllText("/proc/self/clear_refs", "5");        // lets the peak start anew
        var before = Read("VmRSS:");
        action();
        return Read("VmHWM:") - before;
    }

    private static long Read(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }
}
