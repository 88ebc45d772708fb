using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Any configuration on any path against plain loops in float64, forward and backward.</summary>
public class RandomAttentionTests
{
    [Fact]
    public void Outputs_weights_and_gradients_are_what_plain_loops_give() => RandomCases.Run(1500, random => Check(RandomAttention.Draw(random), random, 1e-10));

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    [InlineData(ScalarType.Float16, 2e-3)]
    public void They_are_close_in_lower_precision(ScalarType type, double tolerance) =>
        RandomCases.Run(500, random => Check(RandomAttention.Draw(random).To(type), random, tolerance), seed: 3);

    [Fact]
    public void A_larger_matrix_is_cut_as_it_comes() => RandomCases.Run(40, random => Check(RandomAttention.Draw(random, largest: 47), random, 1e-10), seed: 4);

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.Float64, 1e-10)]
    public void A_matrix_that_is_cut_by_its_size_gives_what_it_gives_as_a_whole(ScalarType type, double tolerance)
    {
        const long length = 600, width = 8;
        Assert.InRange(BlockPlan.For(new(1, 2, 1, length, length, width, width), sizeof(double), skipsKeys: true).Rows, 1, length - 1);
        foreach (var mask in new[] { AttentionMask.Causal, AttentionMask.SlidingWindow(3) })
        {
            using var scope = NewDisposeScope();
            manual_seed(5);
            var exact = new RandomAttention(Draw(2), Draw(1), Draw(1), new() { Mask = mask });
            var (attention, outer) = (exact.To(type), Draw(2));
            var (expected, expectedGradients) = exact.Differentiate(AttentionPath.Explicit, outer);
            var (actual, gradients) = attention.Differentiate(AttentionPath.Blocks, outer);
            TensorAssert.Close(expected, attention.Run(AttentionPath.Blocks).Output, tolerance, tolerance, $"{mask.Name} output");
            TensorAssert.Close(expected, actual, tolerance, tolerance, $"{mask.Name} output, with gradients");
            for (var i = 0; i < 3; i++)
                TensorAssert.Close(expectedGradients[i]!, gradients[i]!, 5 * tolerance, 5 * tolerance, $"{mask.Name} gradient of {"query key value".Split(' ')[i]}");
        }

        static Tensor Draw(long heads) => randn(1, heads, length, width, dtype: ScalarType.Float64);
    }

    private static void Check(RandomAttention attention, RandomCase random, double tolerance)
    {
        var type = attention.Query.dtype;
        var exact = attention.To(ScalarType.Float64);
        var naive = exact.Naive();
        foreach (var path in new[] { AttentionPath.Explicit, AttentionPath.Blocks })
        {
            var (output, weights) = attention.Run(path, needWeights: true);
            TensorAssert.Type(type, output);
            TensorAssert.Type(type, weights!);
            TensorAssert.Close(naive.Output, output, tolerance, tolerance, $"{path} output, with weights");
            TensorAssert.Close(naive.Weights, weights!, tolerance, tolerance, $"{path} weights");
            var average = attention.Run(path, needWeights: true, average: true).Weights!;
            TensorAssert.Close(TensorArrays.From(naive.Weights).mean([1]), average, tolerance, tolerance, $"{path} averaged weights");
        }

        var outer = random.Normal(attention.Query.size(0), attention.Query.size(1), attention.Query.size(2), attention.Value.size(3)).to(type);
        var expected = exact.NaiveGradient(outer);
        AttentionPath?[] paths = [null, AttentionPath.Explicit, AttentionPath.Blocks, AttentionPath.Fused];
        foreach (var path in paths.Where(path => path != AttentionPath.Fused || attention.Options.Softcap == 0))
        {
            var name = path?.ToString() ?? "chosen";
            TensorAssert.Close(naive.Output, attention.Run(path).Output, tolerance, tolerance, $"{name} output");
            var (output, gradients) = attention.Differentiate(path, outer);
            TensorAssert.Close(naive.Output, output, tolerance, tolerance, $"{name} output, with gradients");
            for (var i = 0; i < expected.Length; i++)
            {
                if (expected[i] is { } gradient)
                    TensorAssert.Close(gradient, gradients[i]!, 5 * tolerance, 5 * tolerance, $"{name} gradient of {"query key value bias".Split(' ')[i]}");
            }
        }
    }
}
