using static TorchSharp.torch;

namespace ContextAware.Testing;

/// <summary>One random configuration. Every draw has a name, so that a failure can print them.</summary>
public sealed class RandomCase
{
    private static readonly long[] Primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47];
    private readonly List<string> drawn = [];

    internal RandomCase(int seed, int index)
    {
        (Seed, Index) = (seed, index);
        Random = new Random(HashCode(seed, index));
    }

    /// <summary>The seed of the run.</summary>
    public int Seed { get; }

    /// <summary>The number of this case in the run, from 0.</summary>
    public int Index { get; }

    /// <summary>For draws that need no name.</summary>
    public Random Random { get; }

    /// <summary>A size: 1 or a prime up to the maximum, and sometimes 0 where that is allowed.</summary>
    public long Size(string name, long maximum = 13, bool zero = false)
    {
        var roll = Random.Next(8);
        var primes = Primes.Count(p => p <= maximum);
        var size = roll == 0 && zero ? 0 : roll == 1 || primes == 0 ? 1 : Primes[Random.Next(primes)];
        return Draw(name, size);
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name) => Draw(name, Random.Next(2) == 1);

    /// <summary>One of these.</summary>
    public T Pick<T>(string name, params ReadOnlySpan<T> choices) => Draw(name, choices[Random.Next(choices.Length)]);

    /// <summary>A number between two bounds.</summary>
    public double Number(string name, double low, double high) => Draw(name, low + (high - low) * Random.NextDouble());

    /// <summary>Standard normal numbers, the same on every provider.</summary>
    public Tensor Normal(params long[] shape) => tensor([.. Numbers(shape)], shape);

    /// <summary>True with this probability, element by element.</summary>
    public Tensor Mask(double probability, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var count = shape.Aggregate(1L, (a, b) => a * b);
        double[] numbers = [.. Enumerable.Range(0, checked((int)count)).Select(_ => Random.NextDouble() < probability ? 1.0 : 0.0)];
        return tensor(numbers, shape).to(ScalarType.Bool).MoveToOuterDisposeScope();
    }

    /// <summary>All named draws so far.</summary>
    public override string ToString() => string.Join(", ", drawn);

    private IEnumerable<double> Numbers(long[] shape)
        => Enumerable.Range(0, checked((int)shape.Aggregate(1L, (a, b) => a * b)))
            .Select(_ => Math.Sqrt(-2 * Math.Log(1 - Random.NextDouble())) * Math.Cos(2 * Math.PI * Random.NextDouble()));

    private T Draw<T>(string name, T value)
    {
        drawn.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}={value}"));
        return value;
    }

    // System.HashCode is seeded afresh in every process.
    private static int HashCode(int seed, int index) => unchecked((seed * 486187739) ^ (index * 16777619 + 1013904223));
}
