using System.Globalization;

namespace ContextAware.Benchmarks;

/// <summary>Resident memory of this process, in bytes, as Linux counts it; 0 on other systems.</summary>
internal static class ProcessMemory
{
    /// <summary>Lets the peak start anew, and returns what is resident now.</summary>
    public static long ResetPeak()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    public static long Peak() => OperatingSystem.IsLinux() ? Read("VmHWM:") : 0;

    private static long Read(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }
}
