namespace ContextAware.Models.Data;

/// <summary>Random numbers that are the same on every platform and in every version of .NET: SplitMix64.</summary>
internal sealed class DeterministicRandom(long seed, long stream)
{
    private ulong state = Mix(unchecked((ulong)seed)) ^ Mix(unchecked((ulong)stream + 0x632be59bd9b4e019UL));

    /// <summary>A number from 0 to <paramref name="limit"/> − 1, evenly distributed.</summary>
    public int Next(int limit) => (int)(((UInt128)NextBits() * (ulong)limit) >> 64);

    /// <summary>A number from 0, inclusive, to 1, exclusive, evenly distributed.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts <paramref name="items"/> into a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (var last = items.Count - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private ulong NextBits()
    {
        state += 0x9e3779b97f4a7c15UL;
        return Mix(state);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
        return value ^ (value >> 31);
    }
}
