using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ContextAware.Randomness;

/// <summary>
/// Where <see cref="DropoutMask"/> takes its seeds from: torch's generator, or while a stream is open, a thread's own. Threads
/// that work side by side would take torch's numbers in any order.
/// </summary>
internal sealed class RandomSeeds : IDisposable
{
    [ThreadStatic]
    private static RandomSeeds? current;

    private readonly RandomSeeds? before;
    private ulong state;

    private RandomSeeds(ulong seed) => (state, before) = (seed, current);

    /// <summary>Opens a stream on this thread, until it is disposed.</summary>
    /// <param name="seed">Decides all seeds.</param>
    internal static IDisposable Open(ulong seed) => current = new(seed);

    /// <summary>The next seed.</summary>
    internal static ulong Next() => current is null ? FromTorch() : current.Draw();

    /// <summary>A seed that torch's generator gives.</summary>
    internal static ulong FromTorch()
    {
        using var drawn = empty([1], int64, CPU).random_(0, 1L << 53);
        return MemoryMarshal.Read<ulong>(drawn.bytes);
    }

    /// <summary>Closes the stream.</summary>
    public void Dispose() => current = before;

    // SplitMix64 (Steele, Lea and Flood 2014).
    private ulong Draw()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
