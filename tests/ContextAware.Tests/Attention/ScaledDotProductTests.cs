using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Tests.Catalog;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class ScaledDotProductTests
{
    public static TheoryData<AttentionPath> Paths => new(Enum.GetValues<AttentionPath>());

    [Theory]
    [MemberData(nameof(Paths))]
    public void Two_keys_share_a_query_by_hand(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        // q·k = (2·ln 3, 0)·½ = (ln 3, 0): weights ¾ and ¼.
        var query = tensor(new[] { 2.0, 0, 0, 0 }).view(1, 1, 1, 4);
        var key = tensor(new[] { Math.Log(3), 5, 6, 7, 0, 8, 9, 10 }).view(1, 1, 2, 4);
        var value = tensor(new[] { 4.0, 8, 0, -4 }).view(1, 1, 2, 2);
        var output = AttentionFunctions.ScaledDotProduct(query, key, value, new() { Path = path }).Output;
        TensorAssert.Close(new double[,,,] { { { { 3, 5 } } } }, output, 1e-12, 1e-12);
    }

    [Fact]
    public void Steps_one_by_one_give_what_the_whole_gives() => RandomCases.Run(50, random =>
    {
        var attention = RandomAttention.Draw(random, poisoned: false);
        var (query, key, value, options) = attention;
        var scores = AttentionFunctions.Softcap(AttentionFunctions.Scores(query, key, options.Scale), options.Softcap);
        var biased = AttentionFunctions.AddBias(scores, options.Bias, options.Mask);
        var weights = MaskedSoftmax.Apply(biased, biased.ne(double.NegativeInfinity));
        var naive = attention.Naive();
        TensorAssert.Close(naive.Weights, weights, 1e-10, 1e-10);
        TensorAssert.Close(naive.Output, AttentionFunctions.Combine(weights, value), 1e-10, 1e-10);
    });

    [Theory]
    [MemberData(nameof(Paths))]
    public void Inputs_without_heads_are_one_head(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = (randn(2, 3, 5, float64), randn(2, 7, 5, float64), randn(2, 7, 11, float64));
        var bias = randn(2, 3, 7, float64);
        var options = new AttentionOptions { Mask = AttentionMask.FromLengths(7, 4), Path = path, Bias = bias };
        var flat = AttentionFunctions.ScaledDotProduct(query, key, value, options);
        var headed = AttentionFunctions.ScaledDotProduct(
            query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1), options with { Bias = bias.unsqueeze(1) });
        TensorAssert.Equal(headed.Output.squeeze(1), flat.Output);
        var weights = AttentionFunctions.ScaledDotProduct(query, key, value, options with { Path = null, NeedWeights = true }).Weights!;
        TensorAssert.Shape([2, 3, 7], weights);
    }

    [Fact]
    public void Every_block_of_queries_makes_its_part_of_the_mask_once()
    {
        using var scope = NewDisposeScope();
        var mask = new CountingMask(AttentionMask.Causal & AttentionMask.FromLengths(6, 5));
        var (query, key) = (randn(2, 4, 5, 3), randn(2, 4, 6, 3));
        AttentionFunctions.ScaledDotProduct(query, key, key, new() { Mask = mask, Path = AttentionPath.Blocks, Blocks = new(2, 1, 1) });
        Assert.Equal(3, mask.Builds);
        AttentionFunctions.ScaledDotProduct(query, key, key, new() { Mask = mask, Path = AttentionPath.Fused });
        Assert.Equal(4, mask.Builds);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_softmax_in_half_precision_is_summed_in_single(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        // 6000 equal weights: a sum in bfloat16 would stop at 256, one in float16 at 2048.
        foreach (var type in new[] { ScalarType.BFloat16, ScalarType.Float16 })
        {
            var (query, key, value) = (zeros([1, 1, 2, 3], type), zeros([1, 1, 6000, 3], type), ones([1, 1, 6000, 1], type));
            TensorAssert.Close(ones(1, 1, 2, 1), AttentionFunctions.ScaledDotProduct(query, key, value, new() { Path = path }).Output, 1e-3, 0);
            if (path != AttentionPath.Fused)
                TensorAssert.Close(full([1, 1, 2, 6000], 1 / 6000f), AttentionFunctions.ScaledDotProduct(query, key, value, new() { Path = path, NeedWeights = true }).Weights!, 4e-3, 0);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_is_hidden_may_be_anything(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var hidden = tensor(new[] { false, false, true, true, false, true, true }).view(1, 1, 7, 1);
        var mask = AttentionMask.FromBoolean(hidden.logical_not().view(1, 1, 1, 7));
        var (query, key, value) = (randn(2, 4, 3, 5, float64), randn(2, 2, 7, 5, float64), randn(2, 2, 7, 3, float64));
        var expected = Differentiate(query, key, value, mask, path);
        foreach (var filler in new[] { 1e3, double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            var actual = Differentiate(query, key.masked_fill(hidden, filler), value.masked_fill(hidden, filler), mask, path);
            foreach (var (e, a) in expected.Zip(actual))
                TensorAssert.Close(e, a, 1e-12, 1e-12, $"with {filler}");
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_comes_later_may_be_anything_for_what_came_before(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        var (query, key, value) = (randn(1, 2, 6, 5, float64), randn(1, 2, 6, 5, float64), randn(1, 2, 6, 3, float64));
        var last = arange(6).eq(5).view(1, 1, 6, 1);
        var expected = AttentionFunctions.ScaledDotProduct(query, key, value, new() { Mask = AttentionMask.Causal, Path = path }).Output;
        var actual = AttentionFunctions.ScaledDotProduct(
            query, key.masked_fill(last, double.NaN), value.masked_fill(last, double.PositiveInfinity), new() { Mask = AttentionMask.Causal, Path = path }).Output;
        TensorAssert.Close(expected.narrow(2, 0, 5), actual.narrow(2, 0, 5), 1e-12, 1e-12);
        Assert.True(actual.narrow(2, 5, 1).isnan().all().item<bool>(), "a NaN that is visible shows");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_query_with_nothing_to_attend_to_gives_zeros_and_gets_no_gradient(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        var allowed = tensor(new[] { true, true, false, false, false, false, false, true, true }).view(3, 3);
        AttentionMask[] masks = [AttentionMask.FromBoolean(allowed), AttentionMask.FromLengths(0, 2), AttentionMask.CausalFrom(-2)];
        var (query, key, value) = (randn(2, 2, 3, 5, float64), randn(2, 2, 3, 5, float64), randn(2, 2, 3, 4, float64));
        foreach (var mask in masks)
        {
            var empty = mask.ToTensor(2, 2, 3, 3, CPU)!.expand(2, 2, 3, 3).any(-1, keepdim: true).logical_not();
            var poisoned = query.masked_fill(empty, double.NaN);
            foreach (var given in new[] { query, poisoned })
            {
                var result = Differentiate(given, key, value, mask, path);
                TensorAssert.AllZero(result[0].masked_select(empty.expand_as(result[0])), "output");
                TensorAssert.AllZero(result[1].masked_select(empty.expand_as(result[1])), "gradient of the query");
                foreach (var tensor in result)
                    TensorAssert.AllFinite(tensor);
            }
        }
        var nothing = AttentionFunctions.ScaledDotProduct(query, key, value, new() { Mask = AttentionMask.FromLengths(0, 0), NeedWeights = true });
        TensorAssert.AllZero(nothing.Weights!);
        TensorAssert.AllZero(nothing.Output);
    }

    [Theory]
    [InlineData(ScalarType.Float16, 2e-3)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    public void The_softcap_keeps_half_precision(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        var scores = randn(2, 3, 4, 5).to(type);
        foreach (var softcap in new[] { 0, 1.5 })
        {
            var capped = AttentionFunctions.Softcap(scores, softcap);
            TensorAssert.Type(type, capped);
            TensorAssert.Close(AttentionFunctions.Softcap(scores.to(ScalarType.Float64), softcap), capped, tolerance, tolerance);
        }
    }

    [Fact]
    public void Anomaly_detection_finds_nothing_over_empty_rows()
    {
        using var scope = NewDisposeScope();
        foreach (var path in new[] { AttentionPath.Explicit, AttentionPath.Blocks })
        {
            using (autograd.detect_anomaly())
                Differentiate(randn(2, 1, 3, 5), randn(2, 1, 4, 5), randn(2, 1, 4, 5), AttentionMask.FromLengths(0, 3), path);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void No_keys_at_all_give_zeros(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        var result = AttentionFunctions.ScaledDotProduct(randn(2, 4, 3, 5), randn(2, 2, 0, 5), randn(2, 2, 0, 7), new() { Path = path });
        TensorAssert.Shape([2, 4, 3, 7], result.Output);
        TensorAssert.AllZero(result.Output);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Dropout_keeps_the_mean(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var (query, key) = (zeros(1, 1, 2000, 3), zeros(1, 1, 50, 3));
        var output = AttentionFunctions.ScaledDotProduct(query, key, ones(1, 1, 50, 1), new() { Dropout = 0.3, Path = path }).Output;
        Assert.InRange(output.mean().item<float>(), 0.98, 1.02);
        Assert.InRange(output.std().item<float>(), 0.08, 0.105);      // √(0.3/0.7/50) = 0.093
        TensorAssert.AllZero(AttentionFunctions.ScaledDotProduct(query, key, ones(1, 1, 50, 1), new() { Dropout = 1, Path = path }).Output);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Nothing_is_left_behind(AttentionPath path) => LeakCheck.Tensors(() =>
    {
        using var scope = NewDisposeScope();
        Differentiate(randn(2, 4, 3, 5), randn(2, 2, 7, 5), randn(2, 2, 7, 3), AttentionMask.Causal & AttentionMask.FromLengths(0, 5), path);
    });

    [Fact]
    public void A_mask_may_be_gone_before_the_backward_pass()
    {
        using var scope = NewDisposeScope();
        var leaf = randn(2, 2, 3, 5).requires_grad_();
        Tensor output;
        using (var inner = NewDisposeScope())
        {
            var ids = zeros(2, 3, int64);
            var mask = AttentionMask.FromLengths(tensor(new long[] { 2, 3 })) & AttentionMask.Documents(ids, ids)
                & AttentionMask.FromKeyPadding(ones(2, 3, @bool), PaddingMeaning.TrueIsToken) & AttentionMask.FromBoolean(ones(3, 3, @bool));
            output = AttentionFunctions.ScaledDotProduct(leaf, leaf, leaf, new() { Mask = mask, Path = AttentionPath.Blocks }).Output.MoveToOuterDisposeScope();
        }
        output.sum().backward();
        TensorAssert.AllFinite(leaf.grad!);
    }

    private static Tensor[] Differentiate(Tensor query, Tensor key, Tensor value, AttentionMask mask, AttentionPath path)
    {
        Tensor[] leaves = [.. new[] { query, key, value }.Select(input => input.detach().clone().requires_grad_())];
        var output = AttentionFunctions.ScaledDotProduct(leaves[0], leaves[1], leaves[2], new() { Mask = mask, Path = path }).Output;
        output.square().sum().backward();
        return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }
}
