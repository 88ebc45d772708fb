using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

/// <summary>Stacks of layers, and the two together.</summary>
public class LayerStackTests
{
    private const long D = 4, H = 2;

    private static readonly TransformerLayerOptions Small = new() { FeedForwardWidth = 3, NormFirst = true, Bias = false };

    private static ModuleConformance<EncoderLayers> Encoder => new()
    {
        Create = () =>
        {
            var encoder = new EncoderLayers(2, D, H, Small, new RelativeBias(H, buckets: 4, maximumDistance: 6));
            encoder.call(zeros(1, 5, D)).Output.Dispose();      // the bias makes its table, which stays
            return encoder;
        },
        Inputs = () => [randn(2, 5, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], AttentionMask.FromLengths(3, 5), weights: StackWeights.AllLayers);
            return [result.Output, .. result.SelfWeights];
        },
        OutputShapes = [[2, 5, D], [2, H, 5, 5], [2, H, 5, 5]],
        Parameters = """
            layers.0.self_attn.in_proj_weight [12, 4]
            layers.0.self_attn.out_proj.weight [4, 4]
            layers.0.linear1.weight [3, 4]
            layers.0.linear2.weight [4, 3]
            layers.0.norm1.weight [4]
            layers.0.norm2.weight [4]
            layers.1.self_attn.in_proj_weight [12, 4]
            layers.1.self_attn.out_proj.weight [4, 4]
            layers.1.linear1.weight [3, 4]
            layers.1.linear2.weight [4, 3]
            layers.1.norm1.weight [4]
            layers.1.norm2.weight [4]
            norm.weight [4]
            position_bias.weight [4, 2]
            """,
    };

    private static ModuleConformance<EncoderDecoder> Both => new()
    {
        Create = () => new EncoderDecoder(D, H, 1, 1, Small),
        Inputs = () => [randn(2, 5, D), randn(2, 3, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], x[1], targetMask: AttentionMask.Causal, weights: StackWeights.LastLayer);
            return [result.Output, .. result.SelfWeights, .. result.CrossWeights];
        },
        OutputShapes = [[2, 3, D], [2, H, 3, 3], [2, H, 3, 5]],
        Parameters = """
            encoder.layers.0.self_attn.in_proj_weight [12, 4]
            encoder.layers.0.self_attn.out_proj.weight [4, 4]
            encoder.layers.0.linear1.weight [3, 4]
            encoder.layers.0.linear2.weight [4, 3]
            encoder.layers.0.norm1.weight [4]
            encoder.layers.0.norm2.weight [4]
            encoder.norm.weight [4]
            decoder.layers.0.self_attn.in_proj_weight [12, 4]
            decoder.layers.0.self_attn.out_proj.weight [4, 4]
            decoder.layers.0.multihead_attn.in_proj_weight [12, 4]
            decoder.layers.0.multihead_attn.out_proj.weight [4, 4]
            decoder.layers.0.linear1.weight [3, 4]
            decoder.layers.0.linear2.weight [4, 3]
            decoder.layers.0.norm1.weight [4]
            decoder.layers.0.norm2.weight [4]
            decoder.layers.0.norm3.weight [4]
            decoder.norm.weight [4]
            """,
    };

    [Fact]
    public void An_encoder_owes_what_every_module_owes() => Encoder.Run();

    [Fact]
    public void An_encoder_and_a_decoder_do_too() => Both.Run();

    [Fact]
    public void They_run_on_cuda()
    {
        Encoder.RunOnCuda();
        Both.RunOnCuda();
    }

    [Theory]
    [InlineData(StackWeights.None, 0)]
    [InlineData(StackWeights.LastLayer, 1)]
    [InlineData(StackWeights.AllLayers, 3)]
    public void Weights_are_those_of_the_layers_asked_for(StackWeights weights, int count)
    {
        using var scope = NewDisposeScope();
        using var decoder = new DecoderLayers(3, D, H, Small);
        decoder.eval();
        var (target, memory) = (randn(2, 4, D), randn(2, 5, D));
        var result = decoder.call(target, memory, AttentionMask.Causal, weights: weights);
        var all = decoder.call(target, memory, AttentionMask.Causal, weights: StackWeights.AllLayers);
        Assert.Equal((count, count), (result.SelfWeights.Count, result.CrossWeights.Count));
        TensorAssert.Close(all.Output, result.Output);
        for (var i = 0; i < count; i++)
        {
            TensorAssert.Close(all.SelfWeights[3 - count + i], result.SelfWeights[i]);
            TensorAssert.Close(all.CrossWeights[3 - count + i], result.CrossWeights[i]);
        }
    }

    [Fact]
    public void A_bias_of_the_caller_joins_that_of_the_positions()
    {
        using var scope = NewDisposeScope();
        using var alibi = new AlibiBias(H);
        using var layer = new EncoderLayer(D, H, Small);
        using var encoder = new EncoderLayers([layer], positionBias: alibi);
        encoder.eval();
        var (x, bias) = (randn(2, 5, D), randn(5, 5));
        TensorAssert.Close(layer.call(x, bias: alibi.Bias(x, 5) + bias).Output, encoder.call(x, bias: bias).Output);
    }

    [Fact]
    public void An_encoder_and_a_decoder_refuse_sizes_that_do_not_fit()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new EncoderDecoder(0, H, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("heads", () => new EncoderDecoder(D, 0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("encoderLayers", () => new EncoderDecoder(D, H, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("decoderLayers", () => new EncoderDecoder(D, H, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EncoderDecoder(D, H, 1, 1, new() { Dropout = 1.5 }));
        Assert.Throws<ArgumentException>("heads", () => new EncoderDecoder(D, 3, 1, 1));
        Assert.Throws<ArgumentException>(() => new EncoderDecoder(D, H, 1, 1, new() { KeyValueHeads = 3 }));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => new EncoderLayers(0, D, H));
        Assert.Throws<ArgumentException>("layers", () => new DecoderLayers([]));
        Assert.Throws<ArgumentNullException>("layers", () => new EncoderLayers(null!));
        Assert.Throws<ArgumentNullException>("decoder", () => new EncoderDecoder(new EncoderLayers(1, D, H), null!));
        using var encoder = new EncoderLayers(2, D, H);
        Assert.Throws<ArgumentNullException>("input", () => encoder.call(null!));
        Assert.Throws<ArgumentException>("input", () => encoder.call(zeros(D)));
        using var cache = new StackCache(3, () => new GrowingCache());
        var wrong = Assert.Throws<ArgumentException>("call", () => encoder.call(zeros(1, 2, D), cache: cache));
        Assert.Contains("of 2 layers, got 3", wrong.Message, StringComparison.Ordinal);
        using var decoder = new DecoderLayers(1, D, H);
        Assert.Throws<ArgumentException>("target", () => decoder.call(zeros(1, 1, 2, D), zeros(1, 2, D)));
    }
}
