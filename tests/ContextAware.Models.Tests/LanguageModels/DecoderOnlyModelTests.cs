using ContextAware.Caching;
using ContextAware.Interop;
using ContextAware.Models.LanguageModels;
using ContextAware.Models.LanguageModels.Steps;
using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.LanguageModels;

public sealed class DecoderOnlyModelTests : IDisposable
{
    private const int Length = 17;

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Kinds { get; } = ["gpt2", "llama", "llama interleaved", "llama with biases", "llama, scaled"];

    public static TheoryData<string, string> Chunkings { get; } = [.. from kind in Kinds.Select(row => row.Data)
        from chunks in new[] { "1", "2", "7,1,1,5", "17" }
        select new TheoryDataRow<string, string>(kind, chunks)];

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("gpt2", """
        embed_tokens.weight [23, 24]
        embed_positions.weight [40, 24]
        layers.0.input_layernorm.weight [24]
        layers.0.input_layernorm.bias [24]
        layers.0.self_attn.in_proj_weight [72, 24]
        layers.0.self_attn.in_proj_bias [72]
        layers.0.self_attn.out_proj.weight [24, 24]
        layers.0.self_attn.out_proj.bias [24]
        layers.0.post_attention_layernorm.weight [24]
        layers.0.post_attention_layernorm.bias [24]
        layers.0.mlp.linear1.weight [96, 24]
        layers.0.mlp.linear1.bias [96]
        layers.0.mlp.linear2.weight [24, 96]
        layers.0.mlp.linear2.bias [24]
        norm.weight [24]
        norm.bias [24]
        """)]
    [InlineData("llama", """
        embed_tokens.weight [23, 24]
        layers.0.input_layernorm.weight [24]
        layers.0.self_attn.in_proj_weight [40, 24]
        layers.0.self_attn.out_proj.weight [24, 24]
        layers.0.post_attention_layernorm.weight [24]
        layers.0.mlp.gate_proj.weight [20, 24]
        layers.0.mlp.up_proj.weight [20, 24]
        layers.0.mlp.down_proj.weight [24, 20]
        norm.weight [24]
        lm_head.weight [23, 24]
        """)]
    public void Conforms(string kind, string parameters) => new ModuleConformance<DecoderOnlyModel>
    {
        Create = () => Warm(new(TinyModels.Options(kind) with { Layers = 1 })),
        Inputs = () => [TinyModels.Tokens(2, 5)],
        Forward = (model, x) => [model.call(x[0]).Logits],
        OutputShapes = [[2, 5, TinyModels.Vocabulary]],
        Parameters = parameters,
    }.Run();

    [Theory]
    [MemberData(nameof(Chunkings))]
    public void With_caches_any_chunks_give_what_one_pass_gives(string kind, string chunks)
    {
        using var model = TinyModels.Make(kind);
        using var noGradient = no_grad();
        var tokens = TinyModels.Tokens(2, Length);
        var expected = model.call(tokens).Logits;
        var caches = model.NewCaches(Length);
        var (parts, at) = (new List<Tensor>(), 0L);
        foreach (var chunk in Cycle(chunks))
        {
            if (at == Length) break;
            var count = Math.Min(chunk, Length - at);
            parts.Add(model.call(tokens.narrow(1, at, count), caches).Logits);
            at += count;
        }

        foreach (var cache in caches) cache.Dispose();
        TensorAssert.Close(expected, cat([.. parts], 1), 1e-5, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Padding_at_the_start_changes_nothing(string kind)
    {
        using var model = TinyModels.Make(kind);
        using var noGradient = no_grad();
        long[] lengths = [5, 9, 1];
        var tokens = TinyModels.Tokens(3, 9);
        using var padding = new LeftPadding([4, 0, 8], 12);
        var caches = model.NewCaches(12);
        var together = cat([
            model.call(tokens.narrow(1, 0, 7), new DecoderOnlyCall { Padding = padding, Caches = caches }).Logits,
            model.call(tokens.narrow(1, 7, 1), new DecoderOnlyCall { Padding = padding, Caches = caches }).Logits,
            model.call(tokens.narrow(1, 8, 1), new DecoderOnlyCall { Padding = padding, Caches = caches, LastOnly = true }).Logits], 1);
        for (var row = 0; row < 3; row++)
        {
            var alone = model.call(tokens.narrow(0, row, 1).narrow(1, 9 - lengths[row], lengths[row])).Logits[0];
            TensorAssert.Close(alone, together[row].narrow(0, 9 - lengths[row], lengths[row]), 1e-4, 1e-5);
        }

        foreach (var cache in caches) cache.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_plan_of_steps_computes_what_the_forward_pass_computes(string kind)
    {
        using var model = TinyModels.Make(kind);
        using var inference = inference_mode();
        var tokens = TinyModels.Tokens(1, Length);
        var expected = model.call(tokens).Logits[0];
        using var plan = new StepPlan(model, Length);
        // A prompt by the forward pass, then steps in the same memory.
        var first = model.call(tokens.narrow(1, 0, 4), plan.Caches).Logits[0];
        var steps = tokens.data<long>().ToArray()[4..].Select(plan.Advance).ToArray();
        TensorAssert.Close(expected, cat([first, stack(steps, 0)], 0), 1e-4, 2e-5);
    }

    [Theory]
    [InlineData("epsilon")]
    [InlineData("period")]
    [InlineData("scaling")]
    public void Each_choice_of_the_scaled_kind_changes_the_answer(string what)
    {
        using var model = TinyModels.Make("llama");
        var plain = model.Options;
        using var other = new DecoderOnlyModel(what switch
        {
            "epsilon" => plain with { NormEpsilon = 0.1 },
            "period" => plain with { Rotary = new() { Period = 500 } },
            _ => plain with { Rotary = new() { Scaling = RotaryScaling.Yarn(4, 10) } },
        });
        other.eval();
        Assert.True(other.LoadWeights(new MemoryWeights(model.state_dict())).IsExact);
        using var noGradient = no_grad();
        var tokens = TinyModels.Tokens(2, Length);
        Assert.InRange((other.call(tokens).Logits - model.call(tokens).Logits).abs().max().item<float>(), 1e-3f, float.MaxValue);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Dropout_drops_in_training_alone(string kind)
    {
        random.manual_seed(3);
        using var model = new DecoderOnlyModel(TinyModels.Options(kind) with { Dropout = 0.5 });
        using var noGradient = no_grad();
        var tokens = TinyModels.Tokens(2, 5);
        Assert.NotEqual(0, Difference());
        model.eval();
        Assert.Equal(0, Difference());

        float Difference() => (model.call(tokens).Logits - model.call(tokens).Logits).abs().max().item<float>();
    }

    [Fact]
    public void A_plan_is_as_exact_in_float64()
    {
        using var model = TinyModels.Make("llama");
        model.to(ScalarType.Float64);
        using var inference = inference_mode();
        var tokens = TinyModels.Tokens(1, Length);
        using var plan = new StepPlan(model, Length);
        var steps = tokens.data<long>().ToArray().Select(plan.Advance).ToArray();
        TensorAssert.Close(model.call(tokens).Logits[0], stack(steps, 0), 1e-10, 1e-10);
    }

    [Fact]
    public void A_later_token_changes_nothing_before_it()
    {
        using var model = TinyModels.Make("llama");
        using var noGradient = no_grad();
        var (tokens, other) = (TinyModels.Tokens(1, 6), TinyModels.Tokens(1, 6));
        other[0, 5] = (tokens[0, 5] + 1).remainder(TinyModels.Vocabulary);
        TensorAssert.Equal(model.call(tokens).Logits.narrow(1, 0, 5), model.call(other).Logits.narrow(1, 0, 5));
    }

    [Fact]
    public void Weights_come_for_each_layer_and_add_up_to_one()
    {
        using var model = TinyModels.Make("llama");
        var weights = model.call(TinyModels.Tokens(2, 5), needWeights: true).Weights!;
        Assert.Equal(3, weights.Count);
        foreach (var layer in weights)
        {
            TensorAssert.Shape([2, 6, 5, 5], layer);
            TensorAssert.Close(ones(2, 6, 5), layer.sum(dim: -1));
            TensorAssert.AllZero(layer.triu(1));
        }
    }

    [Fact]
    public void A_tied_head_learns_with_the_embedding()
    {
        using var model = new DecoderOnlyModel(TinyModels.Options("gpt2"));
        model.call(TinyModels.Tokens(1, 2)).Logits.sum().backward();
        // Every row: as an embedding only two would.
        var rows = model.named_parameters().Single(pair => pair.name == "embed_tokens.weight").parameter.grad!.abs().sum(dim: 1);
        Assert.True(rows.gt(0).all().item<bool>());
    }

    [Fact]
    public void Without_initialisation_weights_can_be_loaded()
    {
        using var model = TinyModels.Make("llama");
        DecoderOnlyModel loaded;
        using (WeightInitialization.Skip()) loaded = new(model.Options);
        loaded.eval();
        Assert.True(loaded.LoadWeights(new MemoryWeights(model.state_dict())).IsExact);
        TensorAssert.Equal(model.call(TinyModels.Tokens(1, 5)).Logits, loaded.call(TinyModels.Tokens(1, 5)).Logits);
    }

    [Fact]
    public void Initial_weights_have_the_spread_of_Gpt2()
    {
        random.manual_seed(1);
        using var model = new DecoderOnlyModel(DecoderOnlyOptions.Gpt2(50, 64, 8, 4, 32));
        var weights = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        Assert.Equal(0.02, weights["layers.3.mlp.linear1.weight"].std().item<float>(), 0.001);
        Assert.Equal(0.02 / 4, weights["layers.3.mlp.linear2.weight"].std().item<float>(), 0.0003);
        Assert.Equal(0.02 / 4, weights["layers.3.self_attn.out_proj.weight"].std().item<float>(), 0.0003);
        TensorAssert.AllZero(weights["layers.3.mlp.linear1.bias"]);
        TensorAssert.Equal(ones(64), weights["norm.weight"]);
    }

    [Fact]
    public void Padding_that_can_not_be_is_refused()
    {
        Assert.Throws<ArgumentException>("counts", () => new LeftPadding([], 3));
        Assert.Throws<ArgumentOutOfRangeException>("counts", () => new LeftPadding([-1], 3));
        Assert.Throws<ArgumentOutOfRangeException>("counts", () => new LeftPadding([0, 3], 3));
    }

    [Theory]
    [InlineData("tokens", "Int64 [B, T]")]
    [InlineData("empty", "at least one token")]
    [InlineData("long", "at most 40 tokens")]
    [InlineData("caches", "Expected 3 caches")]
    [InlineData("padding", "got it for 3")]
    [InlineData("padded rows", "Expected padding for 2 rows, got it for 1")]
    public void Bad_calls_are_refused(string what, string message)
    {
        using var model = TinyModels.Make("gpt2");
        using var padding = new LeftPadding([1], 3);
        var error = Assert.Throws<ArgumentException>(() => what switch
        {
            "tokens" => model.call(zeros(1, 2)),
            "empty" => model.call(zeros([1, 0], int64)),
            "long" => model.call(zeros([1, 41], int64)),
            "caches" => model.call(zeros([1, 2], int64), [new GrowingCache()]),
            "padding" => model.call(zeros([1, 4], int64), new DecoderOnlyCall { Padding = padding }),
            _ => model.call(zeros([2, 2], int64), new DecoderOnlyCall { Padding = padding }),
        });
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Vocabulary")]
    [InlineData("Width")]
    [InlineData("Layers")]
    [InlineData("Heads")]
    [InlineData("Context")]
    [InlineData("heads that do not divide")]
    public void Bad_sizes_are_refused(string what)
    {
        var good = TinyModels.Options("llama");
        var error = Assert.ThrowsAny<ArgumentException>(() => new DecoderOnlyModel(what switch
        {
            "Vocabulary" => good with { Vocabulary = 0 },
            "Width" => good with { Width = -1 },
            "Layers" => good with { Layers = 0 },
            "Heads" => good with { Heads = 0 },
            "Context" => good with { Context = 0 },
            _ => good with { Heads = 7 },
        }));
        Assert.Equal(what.StartsWith("heads", StringComparison.Ordinal) ? "Heads" : what, error.ParamName);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var model = TinyModels.Make("llama");
        LeakCheck.Tensors(() =>
        {
            using var round = NewDisposeScope();
            using var inference = inference_mode();
            using var plan = new StepPlan(model, 8);
            model.call(TinyModels.Tokens(1, 3), plan.Caches, needWeights: true);
            plan.Advance(1);
        });
    }

    // The first call makes the tables of the rotary positions, which stay with the model.
    private static DecoderOnlyModel Warm(DecoderOnlyModel model)
    {
        using var round = NewDisposeScope();
        model.call(TinyModels.Tokens(2, 5));
        return model;
    }

    private static IEnumerable<long> Cycle(string chunks)
    {
        var sizes = chunks.Split(',').Select(long.Parse).ToArray();
        for (var i = 0; ; i++) yield return sizes[i % sizes.Length];
    }
}
