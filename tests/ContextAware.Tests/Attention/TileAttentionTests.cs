using ContextAware.Attention;
using ContextAware.Attention.Tiles;
using ContextAware.Loops;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>The loops over tiles against libtorch's products in float64, at sizes around those of tiles, blocks and panels.</summary>
public class TileAttentionTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, int[]> Sizes => new()
    {
        // B, G, R, T, S, E, V
        { "one number", [1, 1, 1, 1, 1, 1, 1] },
        { "less than a product", [3, 1, 1, 5, 7, 3, 2] },
        { "a step of decoding", [2, 2, 2, 1, 300, 16, 48] },
        { "a block", [1, 2, 1, 96, 96, 96, 96] },
        { "more than a block", [1, 1, 1, 101, 211, 100, 130] },
        { "groups", [2, 3, 2, 7, 97, 33, 17] },
        { "several tiles", [1, 2, 2, 251, 250, 64, 64] },
        { "few rows to a tile", [1, 1, 1, 200, 2100, 8, 8] },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void They_agree_with_float64(string name, int[] sizes)
    {
        _ = name;
        Require();
        foreach (var (what, options) in Options(sizes))
        {
            using var scope = NewDisposeScope();
            manual_seed(3);
            var inputs = Inputs(sizes);
            var outer = randn(sizes[0], sizes[1] * sizes[2], sizes[3], sizes[6]);
            var expected = Differentiate(inputs, outer, options, float64);
            var actual = Differentiate(inputs, outer, options, float32);
            for (var i = 0; i < expected.Length; i++)
                TensorAssert.Close(expected[i], actual[i], 5 * Tolerance, 5 * Tolerance, $"{what}: {"output query key value".Split(' ')[i]}");
            foreach (var average in new[] { false, true })
            {
                var shown = options with { NeedWeights = true, AverageWeights = average };
                var (output, weights) = Attend(inputs, shown, float64);
                var (tiledOutput, tiledWeights) = Attend(inputs, shown, float32);
                TensorAssert.Close(output, tiledOutput, Tolerance, Tolerance, $"{what}: output beside weights");
                TensorAssert.Close(weights!, tiledWeights!, Tolerance, Tolerance, $"{what}: weights");
            }
        }
    }

    [Fact]
    public void Gradients_come_only_where_they_are_wanted()
    {
        Require();
        using var scope = NewDisposeScope();
        for (var wanted = 0; wanted < 3; wanted++)
        {
            var inputs = Inputs([2, 2, 1, 9, 20, 8, 8]);
            inputs[wanted].requires_grad_();
            var output = AttentionFunctions.ScaledDotProduct(inputs[0], inputs[1], inputs[2], new() { Path = AttentionPath.Blocks }).Output;
            output.sum().backward();
            for (var i = 0; i < 3; i++)
                Assert.Equal(i == wanted, inputs[i].grad is not null);
        }
    }

    [Fact]
    public void Gradients_are_the_same_each_time_though_threads_share_a_head()
    {
        Require();
        using var scope = NewDisposeScope();
        int[] sizes = [1, 1, 1, 1500, 64, 16, 16];
        var inputs = Inputs(sizes);
        var outer = randn(1, 1, 1500, 16);
        var first = Differentiate(inputs, outer, new(), float32);
        for (var i = 0; i < 20; i++)
        {
            using var inner = NewDisposeScope();
            foreach (var (a, b) in first.Zip(Differentiate(inputs, outer, new(), float32)))
                Assert.True(a.eq(b).all().item<bool>());
        }
    }

    [Fact]
    public void What_no_query_sees_may_be_anything()
    {
        Require();
        using var scope = NewDisposeScope();
        int[] sizes = [2, 2, 1, 30, 100, 16, 16];
        var options = new AttentionOptions { Mask = AttentionMask.FromLengths(0, 37) };
        var inputs = Inputs(sizes);
        var poisoned = inputs.Select(tensor => tensor.clone()).ToArray();
        poisoned[0][0] = float.NaN;                             // sees nothing
        poisoned[1][1, .., 37..] = float.NaN;
        poisoned[2][1, .., 37..] = float.PositiveInfinity;
        var outer = randn(2, 2, 30, 16);
        foreach (var (clean, dirty) in Differentiate(inputs, outer, options, float32).Zip(Differentiate(poisoned, outer, options, float32)))
            TensorAssert.Close(clean, dirty, 1e-6, 1e-6);
    }

    [Fact]
    public void A_score_of_infinity_or_NaN_makes_its_row_NaN_as_softmax_does()
    {
        Require();
        using var scope = NewDisposeScope();
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var (query, key, value) = (ones(1, 1, 2, 4), ones(1, 1, 1, 4), ones(1, 1, 1, 4));
            query[0, 0, 0, 1] = bad;
            var output = AttentionFunctions.ScaledDotProduct(query, key, value, new() { Path = AttentionPath.Blocks }).Output;
            Assert.True(output[0, 0, 0].isnan().all().item<bool>());
            Assert.True(output[0, 0, 1].eq(1).all().item<bool>());
        }
    }

    [Fact]
    public void Operands_may_lie_in_memory_in_any_order()
    {
        Require();
        using var scope = NewDisposeScope();
        var inputs = Inputs([2, 3, 1, 10, 12, 8, 8]);
        var expected = AttentionFunctions.ScaledDotProduct(inputs[0], inputs[1], inputs[2], new() { Path = AttentionPath.Blocks }).Output;
        foreach (var order in new long[][] { [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2] })
        {
            long[] back = [.. Enumerable.Range(0, 4).Select(i => (long)Array.IndexOf(order, i))];
            var moved = inputs.Select(tensor => tensor.permute(order).contiguous().permute(back)).ToArray();
            TensorAssert.Close(expected, AttentionFunctions.ScaledDotProduct(moved[0], moved[1], moved[2], new() { Path = AttentionPath.Blocks }).Output, 1e-6, 1e-6);
        }
    }

    [Fact]
    public void No_tensor_and_no_memory_is_left_behind()
    {
        Require();
        using var scope = NewDisposeScope();
        var inputs = Inputs([2, 8, 1, 128, 128, 64, 64]);
        inputs[0].requires_grad_();
        LeakCheck.Memory(Step, 100); // an output kept each round would make 50 MB

        void Step()
        {
            using var inner = NewDisposeScope();
            var options = new AttentionOptions { Mask = AttentionMask.FromLengths(50, 128), Dropout = 0.1, Path = AttentionPath.Blocks };
            AttentionFunctions.ScaledDotProduct(inputs[0], inputs[1], inputs[2], options).Output.sum().backward();
        }
    }

    private static void Require() => Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");

    private static Tensor[] Inputs(int[] sizes)
    {
        var (batch, groups, shared, queries, keys, width, valueWidth) = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]);
        return [randn(batch, groups * shared, queries, width), randn(batch, groups, keys, width), randn(batch, groups, keys, valueWidth)];
    }

    private static IEnumerable<(string What, AttentionOptions Options)> Options(int[] sizes)
    {
        var (batch, heads, queries, keys) = (sizes[0], sizes[1] * sizes[2], sizes[3], sizes[4]);
        yield return ("plain", new());
        yield return ("dropout", new() { Dropout = 0.3 });
        yield return ("causal", new() { Mask = AttentionMask.Causal });
        yield return ("window and dropout", new() { Mask = AttentionMask.SlidingWindow(3, 2), Dropout = 0.5 });
        yield return ("lengths", new() { Mask = AttentionMask.FromLengths([.. Enumerable.Range(0, batch).Select(b => (long)(keys - b) / (b + 1))]) });
        manual_seed(5);
        yield return ("any mask", new() { Mask = AttentionMask.FromBoolean(rand(batch, heads, queries, keys).gt(0.4)) });
        yield return ("bias", new() { Bias = randn(heads, queries, keys).unsqueeze(0), Scale = 0.3 });
        yield return ("bias of heads", new() { Bias = randn(batch, heads, 1, 1), Mask = AttentionMask.Causal });
        var hiding = randn(1, 1, queries, keys);
        yield return ("hiding bias", new() { Bias = hiding.masked_fill(hiding.gt(0.5), double.NegativeInfinity), Dropout = 0.2 });
    }

    private static AttentionResult Attend(Tensor[] inputs, AttentionOptions options, ScalarType type)
    {
        manual_seed(7);
        return AttentionFunctions.ScaledDotProduct(
            inputs[0].to(type), inputs[1].to(type), inputs[2].to(type), options with { Path = AttentionPath.Blocks, Bias = options.Bias?.to(type) });
    }

    private static Tensor[] Differentiate(Tensor[] inputs, Tensor outer, AttentionOptions options, ScalarType type)
    {
        Tensor[] leaves = [.. inputs.Select(tensor => tensor.detach().to(type).clone().requires_grad_())];
        var output = Attend(leaves, options, type).Output;
        output.backward([outer.to(type)]);
        return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }
}
