using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Sdk;

namespace ContextAware.Testing;

/// <summary>Runs a test over many random configurations, the same ones every time.</summary>
/// <remarks>
/// A failure names the configuration and the one line that runs it alone:
/// <c>CONTEXTAWARE_CASE=seed/index</c> in the environment. <c>CONTEXTAWARE_CASES=20000</c> runs that many of each test.
/// </remarks>
public static class RandomCases
{
    /// <summary>The variable that picks one case.</summary>
    public const string Variable = "CONTEXTAWARE_CASE";

    /// <summary>The variable that says how many cases to run instead of the test's own number.</summary>
    public const string CountVariable = "CONTEXTAWARE_CASES";

    /// <summary>Runs the body over <paramref name="count"/> cases.</summary>
    public static void Run(int count, Action<RandomCase> body, int seed = 1, [CallerMemberName] string test = "")
    {
        if (Environment.GetEnvironmentVariable(CountVariable) is { Length: > 0 } wanted && !int.TryParse(wanted, CultureInfo.InvariantCulture, out count))
            throw new ArgumentException($"{CountVariable} must be a number, not '{wanted}'.", nameof(count));
        Run(count, body, seed, test, Environment.GetEnvironmentVariable(Variable));
    }

    internal static void Run(int count, Action<RandomCase> body, int seed, string test, string? only)
    {
        int first = 0, last = count - 1;
        if (!string.IsNullOrEmpty(only))
        {
            var parts = only.Split('/');
            if (parts.Length != 2 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out seed) || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out first))
                throw new ArgumentException($"{Variable} must be seed/index, not '{only}'.", nameof(only));
            last = first;
        }

        for (var i = first; i <= last; i++)
        {
            var current = new RandomCase(seed, i);
            try
            {
                using var scope = TorchSharp.torch.NewDisposeScope();
                body(current);
            }
            catch (Exception e) when (e is not SkipException)
            {
                throw new XunitException($"Case {i} of {count}: {current}{Environment.NewLine}{e.Message}{Environment.NewLine}"
                    + $"Again: {Variable}={seed}/{i} dotnet test --filter-method '*.{test}'", e);
            }
        }
    }
}
