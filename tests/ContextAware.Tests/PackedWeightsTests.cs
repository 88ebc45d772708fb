using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Concurrency;
using ContextAware.Loops;
using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Tests;

public class PackedWeightsTests
{
    public PackedWeightsTests() => Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");

    private static EncoderLayers Stack(Activation activation = Activation.Relu)
    {
        random.manual_seed(12);
        return new(layers: 2, width: 24, heads: 3, new() { FeedForwardWidth = 40, Activation = activation });
    }

    [Theory]
    [InlineData(Activation.Relu, false)]
    [InlineData(Activation.Gelu, false)]
    [InlineData(Activation.Relu, true)]
    public void A_stack_gives_what_it_gives_without(Activation activation, bool byInput)
    {
        using var scope = NewDisposeScope();
        using var stack = Stack(activation);
        stack.eval();
        if (byInput) WeightOrder.ByInput(stack);
        using var noGradient = no_grad();
        var input = randn(4, 15, 24);
        var expected = stack.call(input, AttentionMask.Causal).Output;
        using var inference = new BatchInference(2);
        using (var packed = new PackedWeights(stack))
        {
            Assert.Equal(8, packed.Count);
            TensorAssert.Close(expected, stack.call(input, AttentionMask.Causal).Output, 1e-5, 1e-5);
            TensorAssert.Close(expected, inference.Run(input, part => stack.call(part, AttentionMask.Causal).Output), 1e-5, 1e-5);
        }
        TensorAssert.Equal(expected, stack.call(input, AttentionMask.Causal).Output);
    }

    [Theory]
    [InlineData(16)]        // parts of the joint weight begin at panels
    [InlineData(12)]        // and not
    public void Attention_to_others_and_a_cache_of_them_give_what_they_give_without(int width)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        random.manual_seed(13);
        using var same = new MultiHeadAttention(width, 2, new() { KeyValueHeads = 1 });
        using var other = new MultiHeadAttention(width, 2, new() { KeyWidth = 6, ValueWidth = 5 });
        var (query, memory, values) = (randn(3, 10, width), randn(3, 9, width), randn(3, 9, width));
        var (otherKey, otherValue) = (randn(3, 9, 6), randn(3, 9, 5));
        Func<Tensor>[] calls =
        [
            () => same.call(query).Output,
            () => same.call(query, memory).Output,
            () => same.call(query, memory, values).Output,
            () => other.call(query, otherKey, otherValue).Output,
            () => Cached(same, query, memory),
            () => Cached(other, query, otherKey, otherValue),
        ];
        var expected = calls.Select(call => call()).ToArray();
        using var packed = new PackedWeights(same);
        using var packedOther = new PackedWeights(other);
        Assert.Equal((2, 4), (packed.Count, packedOther.Count));
        foreach (var (call, before) in calls.Zip(expected))
            TensorAssert.Close(before, call(), 1e-5, 1e-5);

        static Tensor Cached(MultiHeadAttention attention, Tensor query, Tensor key, Tensor? value = null)
        {
            using var cache = new CrossAttentionCache();
            attention.call(query, key, value, cache: cache).Output.Dispose();
            return attention.call(query, key, value, cache: cache).Output;
        }
    }

    [Fact]
    public void Decoder_layers_and_gated_networks_give_what_they_give_without()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        random.manual_seed(14);
        using var layer = new DecoderLayer(16, 2, new() { FeedForwardWidth = 20 });
        using var gated = new DecoderLayer(16, 2, new() { FeedForward = width => new GatedFeedForward(width, 24) });
        using var plain = new FeedForward(16, 10, Activation.Silu, bias: false);
        foreach (var module in new nn.Module[] { layer, gated, plain }) module.eval();
        var (target, memory) = (randn(3, 10, 16), randn(3, 9, 16));
        var (expected, expectedGated, expectedPlain) = (layer.call(target, memory).Output, gated.call(target, memory).Output, plain.call(target));
        using var packed = new PackedWeights(layer);
        using var packedGated = new PackedWeights(gated);
        using var packedPlain = new PackedWeights(plain);
        Assert.Equal((6, 7, 2), (packed.Count, packedGated.Count, packedPlain.Count));
        TensorAssert.Close(expected, layer.call(target, memory).Output, 1e-5, 1e-5);
        TensorAssert.Close(expectedGated, gated.call(target, memory).Output, 1e-5, 1e-5);
        TensorAssert.Close(expectedPlain, plain.call(target), 1e-5, 1e-5);
    }

    [Fact]
    public void The_copies_serve_from_two_positions_on_without_gradients_until_they_are_disposed()
    {
        using var scope = NewDisposeScope();
        using var network = new FeedForward(5, 7);
        var calls = 0;
        network.First.register_forward_hook((_, _, output) =>
        {
            calls++;
            return output;
        });
        var (few, many) = (randn(1, 5), randn(1, 2, 5));
        using (new PackedWeights(network))
        {
            network.call(many).sum().backward();
            Assert.Equal(1, calls);
            Assert.NotNull(network.First.weight.grad);
            using var noGradient = no_grad();
            network.call(few);
            Assert.Equal(2, calls);
            network.call(many);
            Assert.Equal(2, calls);
        }
        using (no_grad()) network.call(many);
        Assert.Equal(3, calls);
    }

    [Fact]
    public void Weights_that_changed_are_an_error_until_the_copies_are_made_anew()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = new FeedForward(5, 7);
        var input = randn(30, 5);
        using var packed = new PackedWeights(network);
        network.Second.weight.mul_(2);
        Assert.Contains(nameof(PackedWeights), Assert.Throws<InvalidOperationException>(() => network.call(input)).Message);
        network.Second.weight.set_(randn(3, 7));
        Assert.Throws<InvalidOperationException>(() => network.call(input));
        network.Second.weight.set_(randn(5, 7));
        packed.Dispose();
        var expected = network.call(input);
        using var again = new PackedWeights(network);
        TensorAssert.Close(expected, network.call(input), 1e-5, 1e-6);
    }

    [Fact]
    public void Copied_once_is_enough_and_other_types_are_left_alone()
    {
        using var scope = NewDisposeScope();
        using var network = new FeedForward(5, 7);
        using var first = new PackedWeights(network);
        using var second = new PackedWeights(network);
        Assert.Equal((2, 0), (first.Count, second.Count));
        first.Dispose();
        first.Dispose();
        Assert.Equal(0, first.Count);
        using var wide = new FeedForward(5, 7).to(ScalarType.Float64);
        using var none = new PackedWeights(wide);
        Assert.Equal(0, none.Count);
        Assert.Throws<ArgumentNullException>("module", () => new PackedWeights(null!));
    }

    [Fact]
    public void Inference_mode_is_served_and_nothing_is_left_over()
    {
        using var stack = Stack();
        stack.eval();
        LeakCheck.Tensors(() =>
        {
            using var scope = NewDisposeScope();
            using var packed = new PackedWeights(stack);
            using var mode = inference_mode();
            stack.call(randn(2, 15, 24));
        });
    }
}
