using System.Text;

namespace Examples.Common;

/// <summary>Cuts examples into sets so that each stays in its set on every machine, in every run, and whatever else there is.</summary>
public static class StableHash
{
    /// <summary>The part of 100 that a text falls into, 0 to 99.</summary>
    public static int Percent(string text) => (int)(Of(text) % 100);

    /// <summary>A seed for a text: texts that are alike give seeds that are not.</summary>
    public static int Seed(string text) => (int)(Of(text) >> 33);

    // FNV-1a over the UTF-8 bytes, 64 bits, with the end of SplitMix64 to spread the low bits.
    private static ulong Of(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var unit in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ unit) * 0x100000001b3UL;
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9UL;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebUL;
        return hash ^ (hash >> 31);
    }
}
