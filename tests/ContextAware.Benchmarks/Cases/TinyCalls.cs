using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>The cost of a native call: 20,000 additions of one number.</summary>
internal static class TinyCalls
{
    public static IEnumerable<Case> Cases { get; } = [new("tiny-add", "20,000 × a + b of one element", Add)];

    private static Action Add()
    {
        var a = zeros(1);
        return () =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                using var sum = a + a;
            }
        };
    }
}
