using ContextAware.Loops;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

/// <summary>The loops over vectors against the same in float64 by libtorch.</summary>
public class LoopTests
{
    public static TheoryData<int, int, int, int> Sizes => new() { { 1, 1, 1, 1 }, { 3, 2, 5, 7 }, { 2, 1, 9, 8 }, { 5, 4, 3, 37 }, { 64, 5, 8, 256 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Additive_scores_and_their_gradients(int batch, int queries, int keys, int width)
    {
        Require();
        using var scope = NewDisposeScope();
        manual_seed(1);
        foreach (var factor in new[] { 1, 30 })
        {
            Tensor[] inputs = [randn(batch, queries, width) * factor, randn(batch, keys, width) * factor, randn(width)];
            var outer = randn(batch, queries, keys);
            var expected = Run(float64, x => (x[0].unsqueeze(2) + (x[1].unsqueeze(1) / 2)).tanh().matmul(x[2]));
            var actual = Run(float32, x => TanhScores.Compute(x[0], x[1], x[2], new(batch, queries, keys, false, ScalarType.Float32), width, blockSize: null));
            for (var i = 0; i < expected.Length; i++)
                TensorAssert.Close(expected[i], actual[i], 1e-5, 3e-6 * Math.Sqrt((double)batch * queries * keys * width), $"{"scores query key vector".Split(' ')[i]}");

            Tensor[] Run(ScalarType type, Func<Tensor[], Tensor> scores)
            {
                Tensor[] leaves = [.. inputs.Select(tensor => tensor.to(type).clone().requires_grad_())];
                var output = scores(leaves);
                output.backward([outer.to(type)]);
                return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sums_and_products_of_few_keys(int batch, int queries, int keys, int width)
    {
        Require();
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (weights, values) = (randn(batch, queries, keys), randn(batch, width, keys).transpose(1, 2));
        var sums = SumLoops.Sums(weights, values);
        TensorAssert.Close(bmm(weights.to(float64), values.to(float64)), sums, 1e-5, 1e-5);
        TensorAssert.Close(bmm(sums.to(float64), values.to(float64).transpose(1, 2)), SumLoops.Products(sums, values), 1e-4, 1e-4);
    }

    [Fact]
    public void Where_autograd_is_to_follow_a_product_is_taken()
    {
        using var scope = NewDisposeScope();
        var (weights, values) = (randn(4, 2, 3), randn(4, 3, 5).requires_grad_());
        Assert.False(SumLoops.Serve(weights, values));
        Assert.True(SumLoops.Over(weights, values).requires_grad);
        using (no_grad())
            Assert.Equal(Vectors.AreFast, SumLoops.Serve(weights, values));
    }

    [Fact]
    public void Large_and_broken_numbers_are_as_libtorch_has_them()
    {
        Require();
        using var scope = NewDisposeScope();
        foreach (var number in new[] { 1e4f, -1e4f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0 })
        {
            var query = full(new long[] { 1, 1, 11 }, number);
            var score = TanhLoops.Scores(query, zeros(1, 1, 11), ones(11)).item<float>();
            Assert.Equal(11 * MathF.Tanh(number), score);
        }
    }

    private static void Require() => Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");
}
