using ContextAware.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class AttentionMapsTests
{
    [Fact]
    public void Heads_layers_and_the_example_keep_their_places_and_padding_is_left_out()
    {
        using var scope = NewDisposeScope();
        var first = new AttentionResult(zeros(1), arange(2 * 3 * 5 * 7, float32).view(2, 3, 5, 7));
        var second = new AttentionResult(zeros(1), first.Weights! + 1000);
        var map = new[] { first, second }.ToMap(["a", "b", "c", "d"], ["u", "v"], "title", example: 1);
        Assert.Equal((2, 3, 4, 2, "title"), (map.Layers, map.Heads, map.Rows, map.Columns, map.Title));
        for (var head = 0; head < 3; head++)
        {
            for (var row = 0; row < 4; row++)
            {
                var expected = (((3 + head) * 5) + row) * 7;
                Assert.Equal((expected + 1, expected + 1001), (map[0, head, row, 1], map[1, head, row, 1]));
            }
        }
    }

    [Fact]
    public void Weights_without_heads_make_one_and_half_precision_and_gradients_do_no_harm()
    {
        using var scope = NewDisposeScope();
        var weights = tensor(new[,] { { 0.25f, 0.75f } }, requires_grad: true).unsqueeze(0).to(bfloat16);
        var map = new AttentionResult(zeros(1), weights).ToMap(["t"], ["a", "b"]);
        Assert.Equal((1, 1, 0.25f, 0.75f), (map.Layers, map.Heads, map[0, 0, 0, 0], map[0, 0, 0, 1]));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var scope = NewDisposeScope();
        var result = new AttentionResult(zeros(1), zeros(2, 5, 7));
        Assert.Throws<ArgumentException>(() => new AttentionResult(zeros(1), null).ToMap([], []));
        Assert.Throws<ArgumentException>(() => Array.Empty<AttentionResult>().ToMap([], []));
        Assert.Contains("[5, 7]", Assert.Throws<ArgumentException>(() => new AttentionResult(zeros(1), zeros(5, 7)).ToMap([], [])).Message);
        Assert.Contains("[2, 5, 8]", Assert.Throws<ArgumentException>(() => new[] { result, new(zeros(1), zeros(2, 5, 8)) }.ToMap([], [])).Message);
        Assert.Equal("rowLabels", Assert.Throws<ArgumentException>(() => result.ToMap(["1", "2", "3", "4", "5", "6"], [])).ParamName);
        Assert.Equal("columnLabels", Assert.Throws<ArgumentException>(() => result.ToMap([], ["1", "2", "3", "4", "5", "6", "7", "8"])).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => result.ToMap([], [], example: 2));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var result = zeros(1, 2, 3, 4);
        using var output = zeros(1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        new AttentionResult(output, result).ToMap(["a"], ["b"]);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
