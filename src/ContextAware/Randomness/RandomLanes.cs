using System.Runtime.Intrinsics;

namespace ContextAware.Randomness;

/// <summary>Eight random generators side by side: xoshiro128++ (Blackman and Vigna 2021, arXiv 1805.01407), 32 bits a lane and step.</summary>
internal struct RandomLanes
{
    private Vector256<uint> s0, s1, s2, s3;

    /// <summary>Starts all lanes at states that SplitMix64 draws from one seed, as the generator's authors advise.</summary>
    internal RandomLanes(ulong seed)
    {
        Span<uint> states = stackalloc uint[32];
        for (var i = 0; i < states.Length; i += 2)
        {
            seed += 0x9E3779B97F4A7C15;
            var mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            (states[i], states[i + 1]) = ((uint)mixed, (uint)(mixed >> 32));
        }

        (s0, s1, s2, s3) = (Vector256.Create(states[..8]), Vector256.Create(states[8..16]), Vector256.Create(states[16..24]), Vector256.Create(states[24..]));
    }

    /// <summary>Starts all lanes at the same state, which must not be all zeros.</summary>
    internal RandomLanes(uint first, uint second, uint third, uint fourth) =>
        (s0, s1, s2, s3) = (Vector256.Create(first), Vector256.Create(second), Vector256.Create(third), Vector256.Create(fourth));

    /// <summary>The next 32 bits of each lane.</summary>
    internal Vector256<uint> Next()
    {
        var result = RotateLeft(s0 + s3, 7) + s0;
        var shifted = s1 << 9;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = RotateLeft(s3, 11);
        return result;
    }

    private static Vector256<uint> RotateLeft(Vector256<uint> bits, int count) => (bits << count) | (bits >>> (32 - count));
}
