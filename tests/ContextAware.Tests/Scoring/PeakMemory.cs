namespace ContextAware.Tests.Scoring;

/// <summary>The most memory that the process has held since the last reset. Linux only.</summary>
[CollectionDefinition(nameof(PeakMemory), DisableParallelization = true)]
public static class PeakMemory
{
    /// <summary>Forgets the peak; skips the test where that can't be done.</summary>
    public static void Reset()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak memory of a process is read from /proc, which only Linux has.");
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"The peak memory of this process can't be reset: {e.Message}");
        }
    }

    /// <summary>The peak since then.</summary>
    public static double Megabytes()
    {
        var line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
    }
}
