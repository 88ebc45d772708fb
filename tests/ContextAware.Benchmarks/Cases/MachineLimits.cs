using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>What the machine can do at best: the bare product and the bare copy.</summary>
internal static class MachineLimits
{
    public const string Product = "gemm-2048";

    public static IEnumerable<Case> Cases { get; } =
    [
        new(Product, "float32 product of 2048×2048 by 2048×2048 (17.2 GFLOP)", Gemm) { Operations = 2.0 * 2048 * 2048 * 2048 },
        new("copy-256M", "copy of 256 MB float32 into a buffer that is there", Copy),
    ];

    private static Action Gemm()
    {
        var a = randn(2048, 2048);
        var b = randn(2048, 2048);
        return () => { using var c = a.matmul(b); };
    }

    private static Action Copy()
    {
        var from = zeros(64 << 20);
        var to = zeros(64 << 20);
        return () => to.copy_(from);
    }
}
