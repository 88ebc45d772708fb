using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class MultiHeadAttentionTests
{
    [Fact]
    public void The_plain_form_conforms() => Plain.Run();

    [Fact]
    public void The_plain_form_conforms_on_CUDA() => Plain.RunOnCuda();

    [Fact]
    public void All_options_together_conform() => Full.Run();

    [Fact]
    public void All_options_together_conform_on_CUDA() => Full.RunOnCuda();

    [Fact]
    public void Parameters_have_the_names_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(6, 3, new() { KeyWidth = 4, AddKeyValueBias = true, QueryKeyNorm = width => nn.LayerNorm(width) });
        Assert.Equal(
            ["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias", "q_norm.weight", "q_norm.bias", "k_norm.weight", "k_norm.bias"],
            module.state_dict().Keys);
        using var bare = new MultiHeadAttention(6, 3, new() { Bias = false, KeyValueHeads = 1 });
        Assert.Equal(["in_proj_weight [10, 6]", "out_proj.weight [6, 6]"], bare.state_dict().Select(item => $"{item.Key} [{string.Join(", ", item.Value.shape)}]"));
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        using var scope = NewDisposeScope();
        manual_seed(17);
        foreach (var options in new MultiHeadAttentionOptions[]
        {
            new(),
            new() { KeyValueHeads = 2, QueryKeyNorm = width => nn.LayerNorm(width), Softcap = 3 },
            new() { KeyWidth = 5, ValueWidth = 3, AddKeyValueBias = true, AddZeroAttention = true },
        })
        {
            using var module = new MultiHeadAttention(8, 4, options);
            var (key, value) = (randn(2, 4, options.KeyWidth ?? 8), randn(2, 4, options.ValueWidth ?? 8));
            GradientCheck.Module(module, x => module.call(x[0], x[1], x[2], AttentionMask.FromLengths(3, 4)).Output, randn(2, 3, 8), key, value);
        }
        using var self = new MultiHeadAttention(6, 3);
        GradientCheck.Module(self, x => self.call(x[0], mask: AttentionMask.Causal).Output, randn(2, 4, 6));
    }

    [Fact]
    public void Averaged_weights_are_the_mean_over_the_heads()
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(6, 3);
        var x = randn(2, 5, 6);
        var each = module.call(x, needWeights: true).Weights!;
        TensorAssert.Shape([2, 3, 5, 5], each);
        TensorAssert.Close(each.mean([1]), module.call(x, needWeights: true, averageWeights: true).Weights!);
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(6, 3, new() { Dropout = 0.5 });
        var x = randn(2, 5, 6);
        Assert.False(module.call(x).Output.Equals(module.call(x).Output));
        module.eval();
        TensorAssert.Equal(module.call(x).Output, module.call(x).Output);
    }

    [Fact]
    public void Step_by_step_with_a_cache_equals_one_causal_pass()
    {
        using var scope = NewDisposeScope();
        manual_seed(19);
        using var module = new MultiHeadAttention(8, 4, new() { KeyValueHeads = 2, Positions = new Shift(), QueryKeyNorm = width => nn.LayerNorm(width) });
        module.to(ScalarType.Float64);
        var x = randn(2, 7, 8, float64);
        var whole = module.call(x, mask: AttentionMask.Causal & AttentionMask.SlidingWindow(3)).Output;
        using var cache = new GrowingCache();
        var position = 0L;
        foreach (var count in new[] { 3, 1, 2, 1 })
        {
            var step = module.call(x.narrow(1, position, count), mask: AttentionMask.Causal & AttentionMask.SlidingWindow(3), cache: cache).Output;
            TensorAssert.Close(whole.narrow(1, position, count), step, 1e-10, 1e-10);
            position += count;
        }
        Assert.Equal(7, cache.Length);
    }

    [Fact]
    public void A_complete_source_is_projected_once()
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(8, 4, new() { KeyWidth = 5, ValueWidth = 5, Positions = new Shift() });
        module.to(ScalarType.Float64);
        var (query, memory) = (randn(2, 3, 8, float64), randn(2, 6, 5, float64));
        var mask = AttentionMask.FromLengths(4, 6);
        using var cache = new CrossAttentionCache();
        var expected = module.call(query, memory, memory, mask, cache: cache).Output;
        TensorAssert.Equal(expected, module.call(query, mask: mask, cache: cache).Output);
    }

    [Fact]
    public void What_comes_without_a_batch_goes_without()
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(6, 3);
        var (query, key) = (randn(4, 6), randn(5, 6));
        var flat = module.call(query, key, needWeights: true);
        var batched = module.call(query.unsqueeze(0), key.unsqueeze(0), needWeights: true);
        TensorAssert.Equal(batched.Output.squeeze(0), flat.Output);
        TensorAssert.Equal(batched.Weights!.squeeze(0), flat.Weights!);
    }

    public static TheoryData<string> Caches => ["growing", "fixed", "sliding", "cross"];

    [Theory]
    [MemberData(nameof(Caches))]
    public void A_cache_takes_in_nothing_from_a_call_that_is_refused(string kind)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var module = new MultiHeadAttention(6, 3);
        using KeyValueCache cache = kind switch
        {
            "growing" => new GrowingCache(), "fixed" => new FixedCache(9), "sliding" => new SlidingWindowCache(3), _ => new CrossAttentionCache(),
        };
        if (kind != "cross")
            module.call(randn(2, 4, 6), cache: cache);
        var (length, x) = (cache.Length, randn(2, 2, 6));
        Assert.Throws<ArgumentException>("lengths", () => module.call(x, mask: AttentionMask.FromLengths(1, 2, 3), cache: cache));
        Assert.Throws<ArgumentException>("bias", () => module.call(x, bias: randn(2, 99), cache: cache));
        Assert.Equal(length, cache.Length);
        Assert.Null(cache.Source);
        var keys = cache.KeyLength(2);
        module.call(x, bias: randn(2, keys), mask: AttentionMask.FromBoolean(ones(2, keys, @bool)), cache: cache);
        Assert.Equal(length + 2, cache.Length);
    }

    [Theory]
    [InlineData("bias", false)]
    [InlineData("bias", true)]
    [InlineData("mask and bias", false)]
    [InlineData("mask", true)]
    public void What_is_hidden_reaches_no_weight(string how, bool ownKeys)
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(6, 3);
        var query = randn(2, 5, 6);
        var (key, value) = (ownKeys ? query : randn(2, 5, 6), randn(2, 5, 6));
        var last = arange(5).ge(4);
        var bias = how == "mask" ? null : zeros(1, 5).masked_fill(last, double.NegativeInfinity);
        var mask = how == "bias" ? null : AttentionMask.FromLengths(5, 4);
        var hidden = (how == "mask" ? stack([zeros_like(last), last]) : stack([last, last])).unsqueeze(-1);       // [B, S, 1]

        var expected = Gradients(key, value);
        var actual = Gradients(ownKeys ? query : key.masked_fill(hidden, double.NaN), value.masked_fill(hidden, double.PositiveInfinity));
        foreach (var (wanted, got) in expected.Zip(actual))
            TensorAssert.Close(wanted, got);

        List<Tensor> Gradients(Tensor key, Tensor value)
        {
            module.zero_grad();
            var output = module.call(query, key, value, mask, bias).Output;
            (output * arange(output.numel()).view(output.shape).sin()).sum().backward();
            return [output.detach(), .. module.parameters().Select(parameter => parameter.grad!.clone())];
        }
    }

    [Fact]
    public void Empty_inputs_give_empty_or_biased_outputs()
    {
        using var scope = NewDisposeScope();
        using var module = new MultiHeadAttention(6, 3);
        TensorAssert.Shape([0, 4, 6], module.call(zeros(0, 4, 6)).Output);
        TensorAssert.Shape([2, 0, 6], module.call(zeros(2, 0, 6)).Output);
        using (no_grad())
            module.state_dict()["out_proj.bias"].fill_(3);
        TensorAssert.Equal(full(2, 3, 6, 3f), module.call(randn(2, 3, 6), zeros(2, 0, 6)).Output);
    }

    private static ModuleConformance<MultiHeadAttention> Plain => new()
    {
        Create = () => new MultiHeadAttention(6, 3),
        Inputs = () => [randn(2, 4, 6), randn(2, 5, 6), randn(2, 5, 6)],
        Forward = (module, x) =>
        {
            var (output, weights) = module.call(x[0], x[1], x[2], needWeights: true);
            return [output, weights!];
        },
        OutputShapes = [[2, 4, 6], [2, 3, 4, 5]],
        Parameters = """
            in_proj_weight [18, 6]
            in_proj_bias [18]
            out_proj.weight [6, 6]
            out_proj.bias [6]
            """,
    };

    private static ModuleConformance<MultiHeadAttention> Full => new()
    {
        Create = () => new MultiHeadAttention(8, 4, new()
        {
            KeyWidth = 5,
            ValueWidth = 3,
            KeyValueHeads = 2,
            AddKeyValueBias = true,
            AddZeroAttention = true,
            Dropout = 0.3,
            Softcap = 5,
            QueryKeyNorm = width => nn.LayerNorm(width),
        }),
        Inputs = () => [randn(2, 4, 8), randn(2, 7, 5), randn(2, 7, 3)],
        Forward = (module, x) => [module.call(x[0], x[1], x[2], AttentionMask.FromLengths(7, 0)).Output],
        OutputShapes = [[2, 4, 8]],
        Parameters = """
            q_proj_weight [8, 8]
            k_proj_weight [4, 5]
            v_proj_weight [4, 3]
            in_proj_bias [16]
            bias_k [1, 1, 4]
            bias_v [1, 1, 4]
            out_proj.weight [8, 8]
            out_proj.bias [8]
            q_norm.weight [2]
            q_norm.bias [2]
            k_norm.weight [2]
            k_norm.bias [2]
            """,
    };

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Relative_positions_join_keys_and_values(bool values, bool average)
    {
        using var scope = NewDisposeScope();
        ContextAware.Positions.ShawPositions? made = null;
        using var attention = new MultiHeadAttention(6, 3, new() { RelativePositions = width => made = new(width, 2, values) });
        attention.to(ScalarType.Float64);
        var (x, bias) = (randn(2, 5, 6, ScalarType.Float64), randn(5, 5, ScalarType.Float64));
        var state = attention.state_dict();
        var (keyTable, valueTable) = (state["relative_positions.key_table"], state.GetValueOrDefault("relative_positions.value_table"));
        var projected = nn.functional.linear(x, state["in_proj_weight"], state["in_proj_bias"]).split([6, 6, 6], -1);
        Tensor[] heads = [.. projected.Select(part => Heads.Split(part, 3))];          // [B, H, T, 2]
        // Equations 4 and 3, with each pair's own vectors.
        var distance = (arange(5).unsqueeze(0) - arange(5).unsqueeze(1)).clamp((Scalar)(-2), (Scalar)2) + 2;
        var keys = heads[1].unsqueeze(2) + keyTable[distance];                         // [B, H, T, S, 2]
        var scores = (heads[0].unsqueeze(3) * keys).sum(-1L) / Math.Sqrt(2) + bias;
        var weights = scores.masked_fill(ones(5, 5).triu(1).to(ScalarType.Bool), double.NegativeInfinity).softmax(-1);
        var read = values ? heads[2].unsqueeze(2) + valueTable![distance] : heads[2].unsqueeze(2);
        var sum = (weights.unsqueeze(-1) * read).sum(-2L);                             // [B, H, T, 2]
        var expected = nn.functional.linear(Heads.Combine(sum), state["out_proj.weight"], state["out_proj.bias"]);

        var result = attention.call(x, mask: AttentionMask.Causal, bias: bias, needWeights: average, averageWeights: average);
        TensorAssert.Close(expected, result.Output, 1e-10, 1e-12);
        if (average)
            TensorAssert.Close(weights.mean([1]), result.Weights!, 1e-10, 1e-12);
        else
            Assert.Null(result.Weights);
        Assert.Equal(values, made!.HasValues);
    }

    [Fact]
    public void Dropout_drops_from_keys_and_distances_alike()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiHeadAttention(6, 3, new() { Dropout = 1, RelativePositions = width => new(width, 2) });
        var result = attention.call(randn(2, 5, 6), mask: AttentionMask.Causal, needWeights: true);
        TensorAssert.Equal(attention.state_dict()["out_proj.bias"].expand(2, 5, 6), result.Output);
        TensorAssert.Close(ones(2, 3, 5), result.Weights!.sum(-1L), 1e-5, 1e-5);       // as they are before dropout
    }

    [Fact]
    public void Relative_positions_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>("options", () => new MultiHeadAttention(6, 3, new() { RelativePositions = _ => new(4, 2) }));
        Assert.Throws<ArgumentException>("options", () => new MultiHeadAttention(6, 3, new() { RelativePositions = width => new(width, 2), AddZeroAttention = true }));
    }

    /// <summary>Adds a multiple of the position: enough to notice a wrong offset.</summary>
    private sealed class Shift : IPositionTransform
    {
        public Tensor TransformQuery(Tensor query, long offset) => Add(query, offset, 0.1);

        public Tensor TransformKey(Tensor key, long offset) => Add(key, offset, -0.07);

        public Tensor TransformQueryAt(Tensor query, Tensor ids) => AddAt(query, ids, 0.1);

        public Tensor TransformKeyAt(Tensor key, Tensor ids) => AddAt(key, ids, -0.07);

        private static Tensor Add(Tensor heads, long offset, double factor) =>
            AddAt(heads, arange(offset, offset + heads.size(2)).unsqueeze(0), factor);

        private static Tensor AddAt(Tensor heads, Tensor ids, double factor) =>
            heads + (ids.to(heads.dtype) * factor).unsqueeze(1).unsqueeze(-1);
    }
}
