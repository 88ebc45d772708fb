using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

public sealed class DecoderOnlyLayerTests : IDisposable
{
    private static readonly AttentionCall Causal = new() { Mask = AttentionMask.Causal };

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private static ModuleConformance<DecoderOnlyLayer> Plain => new()
    {
        Create = () => Gpt(),
        Inputs = () => [randn(2, 5, 6)],
        Forward = (layer, x) => [layer.call(x[0], Causal).Output],
        OutputShapes = [[2, 5, 6]],
        Parameters = """
            input_layernorm.weight [6]
            input_layernorm.bias [6]
            self_attn.in_proj_weight [18, 6]
            self_attn.in_proj_bias [18]
            self_attn.out_proj.weight [6, 6]
            self_attn.out_proj.bias [6]
            post_attention_layernorm.weight [6]
            post_attention_layernorm.bias [6]
            mlp.linear1.weight [11, 6]
            mlp.linear1.bias [11]
            mlp.linear2.weight [6, 11]
            mlp.linear2.bias [6]
            """,
    };

    [Fact]
    public void Conforms() => Plain.Run();

    [Fact]
    public void Conforms_on_cuda() => Plain.RunOnCuda();

    [Fact]
    public void It_is_its_parts_with_what_comes_in_added()
    {
        var (norm1, norm2) = (new RmsNorm(8), new RmsNorm(8));
        var attention = new MultiHeadAttention(8, 4, new() { KeyValueHeads = 2, Bias = false, Positions = new RotaryEmbedding(2) });
        var network = new GatedFeedForward(8, 5);
        var layer = new DecoderOnlyLayer(norm1, attention, norm2, network);
        var x = randn(2, 7, 8);
        var middle = x + attention.call(norm1.call(x), mask: AttentionMask.Causal).Output;
        TensorAssert.Close(middle + network.call(norm2.call(middle)), layer.call(x, Causal).Output, 1e-5, 1e-5);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        random.manual_seed(2);
        var layer = Gpt();
        GradientCheck.Module(layer, x => layer.call(x[0], Causal).Output, randn(1, 3, 6));
    }

    [Fact]
    public void A_cache_gives_what_one_pass_gives_and_weights_come_when_asked_for()
    {
        using var quiet = no_grad();
        var layer = Gpt();
        layer.eval();
        var x = randn(1, 6, 6);
        using var cache = new GrowingCache();
        var first = layer.call(x.narrow(1, 0, 4), Causal with { Cache = cache });
        var second = layer.call(x.narrow(1, 4, 2), Causal with { Cache = cache, NeedWeights = true });
        Assert.Null(first.Weights);
        TensorAssert.Shape([1, 2, 2, 6], second.Weights!);
        TensorAssert.Close(layer.call(x, Causal).Output, cat([first.Output, second.Output], 1), 1e-5, 1e-5);
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        var x = randn(1, 3, 6);
        var layer = Gpt(dropout: 1);
        TensorAssert.Equal(x, layer.call(x, Causal).Output);    // All that would be added is dropped.
        layer.eval();
        Assert.False(layer.call(x, Causal).Output.allclose(x));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gpt(dropout: 1.5));
    }

    [Fact]
    public void Parts_must_be_there_and_inputs_must_fit()
    {
        Assert.Throws<ArgumentNullException>("attention", () => new DecoderOnlyLayer(new RmsNorm(6), null!, new RmsNorm(6), new FeedForward(6, 3)));
        Assert.Throws<ArgumentNullException>("feedForward", () => new DecoderOnlyLayer(new RmsNorm(6), new(6, 2), new RmsNorm(6), null!));
        var layer = new DecoderOnlyLayer(new RmsNorm(6), new(6, 2), new RmsNorm(6), new FeedForward(6, 3));
        Assert.Throws<ArgumentException>("input", () => layer.call(randn(1, 3, 5), Causal));
    }

    private static DecoderOnlyLayer Gpt(double dropout = 0) =>
        new(nn.LayerNorm(6), new(6, 2), nn.LayerNorm(6), new FeedForward(6, 11, Activation.GeluTanh), dropout);
}
