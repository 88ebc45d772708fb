using ContextAware.Testing;
using ContextAware.Vision;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

/// <summary>Numbers small enough to check on paper: two channels over two places, 0 and 2, 1 and 3.</summary>
public class VisionByHandTests
{
    private static readonly float Ln3 = MathF.Log(3);      // σ(ln 3) = 3/4, σ(−ln 3) = 1/4

    private static readonly float[,,,] Map = { { { { 0, 2 } }, { { 1, 3 } } } };

    [Fact]
    public void Squeeze_and_excitation()
    {
        using var scope = NewDisposeScope();
        using var module = new SqueezeExcitation(2, reduction: 2);
        module.load_state_dict(new()
        {
            ["fc.0.weight"] = tensor(new float[,] { { 1, 1 } }),               // the means 1 and 2: 3
            ["fc.2.weight"] = tensor(new float[,] { { Ln3 / 3 }, { 0 } }),     // ln 3 and 0
        });
        TensorAssert.Close(new[,,,] { { { { 0.75 } }, { { 0.5 } } } }, module.Weights(tensor(Map)));
        TensorAssert.Close(new[,,,] { { { { 0, 1.5 } }, { { 0.5, 1.5 } } } }, module.call(tensor(Map)));
    }

    [Fact]
    public void Efficient_channel_attention_looks_at_neighbours()
    {
        using var scope = NewDisposeScope();
        using var module = new EfficientChannelAttention(2, kernel: 3);
        module.load_state_dict(new() { ["conv.weight"] = tensor(new float[,,] { { { Ln3, 0, 0 } } }) });
        // Each channel takes the mean of the one before: nothing, and 1.
        TensorAssert.Close(new[,,,] { { { { 0, 1 } }, { { 0.75, 2.25 } } } }, module.call(tensor(Map)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 3)]
    [InlineData(16, 3)]
    [InlineData(64, 3)]
    [InlineData(128, 5)]
    [InlineData(256, 5)]
    [InlineData(2048, 7)]
    public void The_kernel_grows_with_the_channels(long channels, long kernel)
    {
        using var module = new EfficientChannelAttention(channels);
        Assert.Equal(kernel, module.Kernel);
    }

    [Fact]
    public void Channel_attention()
    {
        using var scope = NewDisposeScope();
        using var module = new ChannelAttention(2, reduction: 2);
        module.load_state_dict(new()
        {
            ["se.0.weight"] = tensor(new float[,] { { 1, 0 } }).view(1, 2, 1, 1),              // channel 0: mean 1 and maximum 2
            ["se.2.weight"] = tensor(new float[,] { { Ln3 / 3 }, { -Ln3 / 3 } }).view(2, 1, 1, 1),     // ±(1 + 2)·ln 3 / 3
        });
        TensorAssert.Close(new[,,,] { { { { 0, 1.5 } }, { { 0.25, 0.75 } } } }, module.call(tensor(Map)));
    }

    [Fact]
    public void Spatial_attention_puts_the_maximum_first()
    {
        using var scope = NewDisposeScope();
        using var module = new SpatialAttention(kernel: 1, bias: false);
        // Maxima 1 and 3, means 0.5 and 2.5: (1 − 2·0.5)·ln 3 = 0, (3 − 2·2.5)·ln 3 = −2 ln 3.
        module.load_state_dict(new() { ["conv.weight"] = tensor(new[] { Ln3, -2 * Ln3 }).view(1, 2, 1, 1) });
        TensorAssert.Close(new[,,,] { { { { 0.5, 0.1 } } } }, module.Weights(tensor(Map)));
        TensorAssert.Close(new[,,,] { { { { 0, 0.2 } }, { { 0.5, 0.3 } } } }, module.call(tensor(Map)));
    }

    [Fact]
    public void Bottleneck_and_coordinate_attention_with_last_layers_of_zero()
    {
        using var scope = NewDisposeScope();
        using var bottleneck = new BottleneckAttention(2, 1);
        using var coordinate = new CoordinateAttention(2);
        using (no_grad())
        {
            foreach (var (name, parameter) in bottleneck.named_parameters().Concat(coordinate.named_parameters()))
            {
                if (name.Contains("final", StringComparison.Ordinal) || name.StartsWith("conv_", StringComparison.Ordinal))
                    parameter.zero_();
            }
        }
        bottleneck.eval();
        TensorAssert.Close(new[,,,] { { { { 0, 3 } }, { { 1.5, 4.5 } } } }, bottleneck.call(tensor(Map)));        // x + x·σ(0)
        TensorAssert.Close(new[,,,] { { { { 0, 0.5 } }, { { 0.25, 0.75 } } } }, coordinate.call(tensor(Map)));    // x·σ(0)·σ(0)
    }

    [Theory]
    [InlineData(NonLocalKind.EmbeddedGaussian, 0, 3, 5)]      // θ = 0: all alike, y = (1 + 3)/2
    [InlineData(NonLocalKind.Dot, 1, 6, 18)]                  // y_i = x_i·(1·1 + 3·3)/2
    public void Non_local(NonLocalKind kind, float theta, double first, double second)
    {
        using var scope = NewDisposeScope();
        using var module = new NonLocalBlock(1, 1, kind);
        module.load_state_dict(module.state_dict().Keys.ToDictionary(
            key => key,
            key => full(key.EndsWith("weight", StringComparison.Ordinal) ? [1, 1, 1, 1] : [1L],
                key.EndsWith("bias", StringComparison.Ordinal) ? 0 : key == "theta.weight" ? theta : 1, float32)));
        TensorAssert.Close(new[,,,] { { { { first, second } } } }, module.call(tensor(new float[,,,] { { { { 1, 3 } } } })));
    }

    [Fact]
    public void Relative_bias()
    {
        using var scope = NewDisposeScope();
        using var bias = new RelativeBias2d(1, 1, 2);
        bias.load_state_dict(new() { ["relative_position_bias_table"] = tensor(new float[,] { { -1 }, { 0.5f }, { 2 } }) });
        // From key to query: one to the left −1, none 0.5, one to the right 2.
        TensorAssert.Close(new[,,,] { { { { 0.5, -1 }, { 2, 0.5 } } } }, bias.call(1, 2));
    }
}
