using ContextAware.Testing;
using ContextAware.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

/// <summary>What places of a map see of each other.</summary>
public class FeatureMapAttentionTests
{
    [Fact]
    public void Without_positions_places_may_be_permuted_and_with_them_they_may_not()
    {
        using var scope = NewDisposeScope();
        var input = randn(2, 10, 5, 3);
        using var blind = new FeatureMapAttention(10, 2);
        TensorAssert.Close(blind.call(input).flip(2), blind.call(input.flip(2)), 1e-4, 1e-5);
        using var sinusoidal = new FeatureMapAttention(10, 2, new SinusoidalEncoding2d(10));
        using var relative = new FeatureMapAttention(10, new RelativeBias2d(2, 5, 3, deviation: 1));
        foreach (var module in new[] { sinusoidal, relative })
            Assert.False(module.call(input).flip(2).allclose(module.call(input.flip(2)), 1e-3, 1e-3));
    }

    [Fact]
    public void Weights_sum_to_one_and_give_the_same_output()
    {
        using var scope = NewDisposeScope();
        using var module = new FeatureMapAttention(10, new RelativeBias2d(2, 5, 3, deviation: 1));
        var input = randn(2, 10, 5, 3);
        var (output, weights) = module.Attend(input, needWeights: true);
        TensorAssert.Shape([2, 2, 15, 15], weights!);
        TensorAssert.Close(ones(2, 2, 15), weights!.sum(-1L));
        TensorAssert.Close(module.call(input), output, 1e-4, 1e-5);
        Assert.Null(module.Attend(input).Weights);
    }

    [Fact]
    public void Relative_bias_is_what_loops_give_and_a_smaller_map_takes_the_middle()
    {
        using var scope = NewDisposeScope();
        const int Height = 5, Width = 3, Heads = 2;
        using var bias = new RelativeBias2d(Heads, Height, Width, deviation: 1);
        var table = TensorArrays.Matrix(bias.get_parameter("relative_position_bias_table")!);
        foreach (var (h, w) in new[] { (Height, Width), (2, 3), (5, 1), (1, 1) })
        {
            var expected = new double[1, Heads, h * w, h * w];
            for (var head = 0; head < Heads; head++)
                for (var query = 0; query < h * w; query++)
                    for (var key = 0; key < h * w; key++)
                    {
                        var (down, right) = ((query / w) - (key / w), (query % w) - (key % w));
                        expected[0, head, query, key] = table[((down + Height - 1) * ((2 * Width) - 1)) + right + Width - 1, head];
                    }
            TensorAssert.Close(expected, bias.call(h, w));
        }
    }

    [Fact]
    public void The_gradient_of_a_relative_bias_is_right()
    {
        using var scope = NewDisposeScope();
        using var bias = new RelativeBias2d(2, 3, 2);
        GradientCheck.Module(bias, _ => bias.call(2, 2));
    }

    [Fact]
    public void The_encoding_is_what_loops_give()
    {
        using var scope = NewDisposeScope();
        using var encoding = new SinusoidalEncoding2d(6, period: 100);
        var expected = new double[1, 6, 3, 7];
        for (var channel = 0; channel < 6; channel++)
            for (var row = 0; row < 3; row++)
                for (var column = 0; column < 7; column++)
                {
                    var (position, i) = channel < 3 ? (row, channel) : (column, channel - 3);
                    var angle = position / Math.Pow(100, 2 * (i / 2) / 3.0);
                    expected[0, channel, row, column] = i % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
                }
        TensorAssert.Close(expected, encoding.call(zeros(1, 6, 3, 7, ScalarType.Float64)), 1e-12, 1e-12);
        encoding.eval();
        TensorAssert.Close(encoding.call(zeros(1, 6, 3, 7)) + 1, encoding.call(ones(1, 6, 3, 7)));
    }
}
