using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Scores from nothing to where e^score overflows: the block path takes another softmax on each side of the bound.</summary>
public class ScoreBoundTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 1)]
    [InlineData(3, 1)]
    [InlineData(30, 1)]
    [InlineData(3000, 1)]
    [InlineData(0.5, 1e9)]
    [InlineData(0.5, 1e30)]
    public void Blocks_agree_with_the_explicit_path_at_any_size_of_scores_and_values(double factor, double values)
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var query = randn(2, 6, 13, 17, float64).mul(factor);
        var key = randn(2, 3, 19, 17, float64);
        var value = randn(2, 3, 19, 5, float64).mul(values);
        var outer = randn(2, 6, 13, 5, float64);
        foreach (var mask in new[] { AttentionMask.None, AttentionMask.FromLengths(0, 11), AttentionMask.CausalFrom(-4) })
        {
            var options = new AttentionOptions { Mask = mask, Blocks = new(5, 2, 1) };
            var blocks = Run(AttentionPath.Blocks, needGradient: true);
            var whole = Run(AttentionPath.Explicit, needGradient: true);
            foreach (var (expected, actual) in whole.Zip(blocks))
                TensorAssert.Close(expected, actual, 1e-9, 1e-10 * expected.abs().max().item<double>());
            foreach (var average in new[] { false, true })
                TensorAssert.Close(Weights(AttentionPath.Explicit, average), Weights(AttentionPath.Blocks, average), 1e-9, 1e-10);

            Tensor[] Run(AttentionPath path, bool needGradient)
            {
                Tensor[] leaves = [query.clone().requires_grad_(needGradient), key.clone().requires_grad_(needGradient), value.clone().requires_grad_(needGradient)];
                var output = AttentionFunctions.ScaledDotProduct(leaves[0], leaves[1], leaves[2], options with { Path = path }).Output;
                output.backward([outer]);
                return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
            }

            Tensor Weights(AttentionPath path, bool average) => AttentionFunctions.ScaledDotProduct(
                query, key, value, options with { Path = path, NeedWeights = true, AverageWeights = average }).Weights!;
        }
    }

    [Fact]
    public void A_visible_NaN_or_infinity_marks_its_rows_alone()
    {
        using var scope = NewDisposeScope();
        manual_seed(12);
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
        {
            var (query, key, value) = (randn(1, 2, 7, 3), randn(1, 2, 7, 3), randn(1, 2, 7, 3));
            key[0, 1, 4, 2] = bad;
            var output = AttentionFunctions.ScaledDotProduct(query, key, value, new()
            {
                Mask = AttentionMask.Causal,
                Path = AttentionPath.Blocks,
                Blocks = new(3, 1, 1),
            }).Output;
            TensorAssert.AllFinite(output[0, 0]);
            TensorAssert.AllFinite(output[0, 1, ..4]);
            Assert.True(output[0, 1, 4..].isnan().all().item<bool>());
        }
    }
}
