using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class StateBridgeTests
{
    [Fact]
    public void Both_directions_of_the_top_layer_are_mapped()
    {
        using var scope = NewDisposeScope();
        using var bridge = new StateBridge(CellKind.Lstm, encoderWidth: 6, decoderWidth: 5);
        var weights = bridge.state_dict();
        var (hidden, cell) = (randn(4, 2, 3), randn(4, 2, 3));      // two layers, two directions
        var actual = Assert.Single(bridge.call(new(hidden, cell)));
        TensorAssert.Close(Map(hidden, "hidden").tanh(), actual.Hidden);
        TensorAssert.Close(Map(cell, "cell"), actual.Cell!);

        Tensor Map(Tensor states, string name) =>
            matmul(cat([states[2], states[3]], 1), weights[name + ".weight"].t()) + weights[name + ".bias"];
    }

    [Fact]
    public void Each_layer_of_the_decoder_has_rows_of_its_own()
    {
        using var scope = NewDisposeScope();
        using var bridge = new StateBridge(CellKind.Lstm, encoderWidth: 3, decoderWidth: 5, layers: 2);
        var weights = bridge.state_dict();
        var (hidden, cell) = (randn(1, 2, 3), randn(1, 2, 3));
        var actual = bridge.call(new(hidden, cell));
        for (var layer = 0; layer < 2; layer++)
        {
            TensorAssert.Close(Map(hidden, "hidden").narrow(1, 5 * layer, 5).tanh(), actual[layer].Hidden);
            TensorAssert.Close(Map(cell, "cell").narrow(1, 5 * layer, 5), actual[layer].Cell!);
        }

        Tensor Map(Tensor states, string name) => matmul(states[0], weights[name + ".weight"].t()) + weights[name + ".bias"];
    }

    [Theory]
    [InlineData(1, 2, 4)]
    [InlineData(2, 2, 4)]
    public void States_of_another_width_are_refused(long layers, long batch, long width)
    {
        using var bridge = new StateBridge(CellKind.Gru, encoderWidth: 6, decoderWidth: 5);
        Assert.Contains("6 wide", Assert.Throws<ArgumentException>(() => bridge.call(new(randn(layers, batch, width), null))).Message);
    }
}
