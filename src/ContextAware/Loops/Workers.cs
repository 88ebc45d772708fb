using static TorchSharp.torch;

namespace ContextAware.Loops;

/// <summary>Divides loops among as many threads as libtorch may use.</summary>
internal static class Workers
{
    /// <summary>Arithmetic that is worth another thread: waking one takes some ten microseconds, in which a core does eight operations a cycle.</summary>
    private const long WorthAThread = 1 << 18;

    /// <summary>How many threads some work is worth.</summary>
    /// <param name="items">How many parts it has.</param>
    /// <param name="operations">How much arithmetic all of them are.</param>
    internal static int For(long items, long operations) => (int)Math.Clamp(Math.Min(items, operations / WorthAThread), 1, get_num_threads());

    /// <summary>Gives each thread a range of the items, the same each time.</summary>
    /// <param name="threads">From <see cref="For"/>.</param>
    /// <param name="items">How many.</param>
    /// <param name="work">Takes the number of the range, its first item and the one after its last.</param>
    internal static void Run(int threads, long items, Action<int, long, long> work)
    {
        if (threads == 1)
            work(0, 0, items);
        else
            Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, i => work(i, items * i / threads, items * (i + 1) / threads));
    }
}
