using TorchSharp;
using Xunit;

namespace ContextAware.Testing;

/// <summary>Runs an action many times and finds what it leaves behind.</summary>
/// <remarks>
/// TorchSharp counts live tensors for each thread, and a tensor that only the garbage collector frees stays
/// counted as live on the thread that made it. So the count is exact, and strict.
/// </remarks>
public static class LeakCheck
{
    /// <summary>Fails if the number of live tensors of this thread changes.</summary>
    /// <param name="action">One round, say forward and backward in a scope.</param>
    /// <param name="repetitions">Rounds that count.</param>
    /// <param name="warmUp">Rounds before: gradients and caches come into being.</param>
    public static void Tensors(Action action, int repetitions = 10, int warmUp = 2)
    {
        Repeat(action, warmUp);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Repeat(action, repetitions);
        var grown = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        if (grown != 0)
            Assert.Fail($"{grown:+0;-0} live tensors after {repetitions} rounds ({(double)grown / repetitions:+0.##;-0.##} a round); {DisposeScopeManager.Statistics}");
    }

    /// <summary>Fails if live tensors change, or if the process grows by more than a bound between the middle and the end.</summary>
    /// <param name="action">One round.</param>
    /// <param name="repetitions">Rounds that count; enough that a leak passes the bound.</param>
    /// <param name="boundMegabytes">Growth allowed: the allocator's and the runtime's own unrest.</param>
    public static void Memory(Action action, int repetitions, double boundMegabytes = 16)
    {
        Tensors(action, repetitions / 2, warmUp: Math.Max(2, repetitions / 10));
        var before = WorkingSet();
        Tensors(action, repetitions, warmUp: 0);
        var grown = (WorkingSet() - before) / 1048576.0;
        if (grown > boundMegabytes)
            Assert.Fail($"The process grew by {grown:0.0} MB in {repetitions} rounds (allowed {boundMegabytes:0.0}).");
    }

    /// <summary>Lets the finalizers of all that nobody reaches any more run, so that counts of living tensors stand still.</summary>
    public static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static void Repeat(Action action, int times)
    {
        for (var i = 0; i < times; i++)
            action();
    }

    private static long WorkingSet()
    {
        CollectGarbage();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
