using ContextAware.Attention;
using ContextAware.Interop;
using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Tests;

public class WeightOrderTests
{
    // The attention's way in and out, and two of the feed-forward network, in each layer.
    private const int LayersWeights = 8;

    private static EncoderLayers Stack()
    {
        random.manual_seed(11);
        return new(layers: 2, width: 12, heads: 3, new() { FeedForwardWidth = 20 });
    }

    [Fact]
    public void Weights_lie_by_input_and_by_output_again_and_stay_what_they_are()
    {
        using var scope = NewDisposeScope();
        using var stack = Stack();
        stack.eval();
        using var noGradient = no_grad();
        var input = randn(2, 5, 12);
        var before = stack.named_parameters().ToDictionary(pair => pair.name, pair => (pair.parameter, Values: pair.parameter.clone()));
        var expected = stack.call(input, AttentionMask.Causal).Output;

        Assert.Equal(LayersWeights, WeightOrder.ByInput(stack));
        Assert.Equal(0, WeightOrder.ByInput(stack));
        foreach (var (name, parameter) in stack.named_parameters())
        {
            Assert.Same(before[name].parameter, parameter);
            TensorAssert.Equal(before[name].Values, parameter, name);
            Assert.True(parameter.requires_grad);
            if (parameter.Dimensions == 2) Assert.Equal([1, parameter.shape[0]], parameter.stride());
        }
        TensorAssert.Close(expected, stack.call(input, AttentionMask.Causal).Output, 1e-5);

        Assert.Equal(LayersWeights, WeightOrder.ByOutput(stack));
        Assert.Equal(0, WeightOrder.ByOutput(stack));
        Assert.All(stack.parameters(), parameter => Assert.True(parameter.is_contiguous()));
        TensorAssert.Equal(expected, stack.call(input, AttentionMask.Causal).Output);
    }

    [Fact]
    public void Projections_of_their_own_widths_are_reached_and_a_layer_by_itself_too()
    {
        using var scope = NewDisposeScope();
        using var cross = new MultiHeadAttention(8, 2, new() { KeyWidth = 6, ValueWidth = 4 });
        Assert.Equal(4, WeightOrder.ByInput(cross));
        using var linear = nn.Linear(3, 5);
        Assert.Equal(1, WeightOrder.ByInput(linear));
    }

    [Fact]
    public void Other_parameters_types_and_weights_of_one_row_stay()
    {
        using var scope = NewDisposeScope();
        using var parts = nn.Sequential(nn.Embedding(4, 3), nn.Conv1d(3, 2, 2), nn.LayerNorm(2));
        Assert.Equal(0, WeightOrder.ByInput(parts));
        using var row = nn.Linear(4, 1);
        Assert.Equal(0, WeightOrder.ByInput(row));
        using var half = nn.Linear(3, 5, dtype: ScalarType.BFloat16);
        Assert.Equal(0, WeightOrder.ByInput(half));
        Assert.Throws<ArgumentNullException>("module", () => WeightOrder.ByInput(null!));
        Assert.Throws<ArgumentNullException>("module", () => WeightOrder.ByOutput(null!));
    }

    [Fact]
    public void Files_and_state_dicts_take_both_orders()
    {
        using var scope = NewDisposeScope();
        using var byInput = Stack();
        var expected = byInput.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        WeightOrder.ByInput(byInput);
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, byInput.state_dict());
        using var file = SafetensorsFile.FromBytes(stream.ToArray());
        using var other = new EncoderLayers(layers: 2, width: 12, heads: 3, new() { FeedForwardWidth = 20 });
        WeightOrder.ByInput(other);
        Assert.True(other.LoadWeights(file).IsExact);
        foreach (var (name, values) in other.state_dict())
            TensorAssert.Equal(expected[name], values, name);
        using var third = new EncoderLayers(layers: 2, width: 12, heads: 3, new() { FeedForwardWidth = 20 });
        third.load_state_dict(byInput.state_dict());
        foreach (var (name, values) in third.state_dict())
            TensorAssert.Equal(expected[name], values, name);
    }

    // TorchSharp writes a tensor's memory as it lies, and so refuses what lies otherwise than its sizes say.
    [Fact]
    public void TorchSharps_own_files_need_weights_by_output()
    {
        using var scope = NewDisposeScope();
        using var stack = Stack();
        WeightOrder.ByInput(stack);
        Assert.Throws<InvalidOperationException>(() => stack.save(new MemoryStream()));
        WeightOrder.ByOutput(stack);
        using var saved = new MemoryStream();
        stack.save(saved);
        Assert.NotEmpty(saved.ToArray());
    }

    [Fact]
    public void Training_goes_on_in_either_order()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Trained(byInput: false), Trained(byInput: true), 1e-5);

        static double Trained(bool byInput)
        {
            using var stack = Stack();
            stack.eval();               // no dropout
            using var optimizer = optim.Adam(stack.parameters(), 0.01);
            random.manual_seed(5);
            var (input, aim) = (randn(2, 5, 12), randn(2, 5, 12));
            for (var step = 0; ; step++)
            {
                if (step == 2 && byInput)
                {
                    WeightOrder.ByInput(stack);         // with gradients of the step before
                    Assert.All(stack.parameters(), parameter => Assert.Equal(parameter.stride(), parameter.grad!.stride()));
                }
                optimizer.zero_grad();
                var loss = nn.functional.mse_loss(stack.call(input).Output, aim);
                if (step == 5) return loss.item<float>();
                loss.backward();
                optimizer.step();
            }
        }
    }
}
