using ContextAware.Attention;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class RandomAttentionTests
{
    [Fact]
    public void Any_configuration_gives_what_plain_loops_give() => RandomCases.Run(1500, random =>
    {
        var attention = RandomAttention.Draw(random);
        var naive = attention.Naive();
        var explicitly = Run(attention, AttentionPath.Explicit, needWeights: true);
        TensorAssert.Close(naive.Output, explicitly.Output, 1e-10, 1e-10, "explicit output");
        TensorAssert.Close(naive.Weights, explicitly.Weights!, 1e-10, 1e-10, "weights");
        var averaged = TensorArrays.From(naive.Weights).mean([1]);
        foreach (var path in new[] { AttentionPath.Explicit, AttentionPath.Blocks })
        {
            var options = attention.Options with { Path = path, NeedWeights = true };
            TensorAssert.Close(naive.Weights, AttentionFunctions.ScaledDotProduct(attention.Query, attention.Key, attention.Value, options).Weights!, 1e-10, 1e-10, $"{path} weights");
            var average = AttentionFunctions.ScaledDotProduct(attention.Query, attention.Key, attention.Value, options with { AverageWeights = true }).Weights!;
            TensorAssert.Close(averaged, average, 1e-10, 1e-10, $"{path} averaged weights");
        }
        foreach (var path in Paths(attention))
            TensorAssert.Close(naive.Output, Run(attention, path).Output, 1e-10, 1e-10, $"{path} output");
        TensorAssert.Close(naive.Output, Run(attention, null).Output, 1e-10, 1e-10, "chosen output");
    });

    [Fact]
    public void Any_configuration_has_the_same_gradients_on_every_path() => RandomCases.Run(600, random =>
    {
        var attention = RandomAttention.Draw(random, zero: false);
        var outer = random.Normal(attention.Query.size(0), attention.Query.size(1), attention.Query.size(2), attention.Value.size(3));
        var expected = attention.Differentiate(AttentionPath.Explicit, outer);
        foreach (var path in Paths(attention))
        {
            var actual = attention.Differentiate(path, outer);
            TensorAssert.Close(expected.Output, actual.Output, 1e-10, 1e-10, $"{path} output");
            for (var i = 0; i < expected.Gradients.Length; i++)
            {
                if (expected.Gradients[i] is { } gradient)
                    TensorAssert.Close(gradient, actual.Gradients[i]!, 1e-10, 1e-10, $"{path} gradient of {"query key value bias".Split(' ')[i]}");
            }
        }
    }, seed: 2);

    [Theory]
    [InlineData(ScalarType.Float32, 2e-5)]
    [InlineData(ScalarType.BFloat16, 4e-2)]
    [InlineData(ScalarType.Float16, 5e-3)]
    public void Any_configuration_is_close_in_lower_precision(ScalarType type, double tolerance) => RandomCases.Run(400, random =>
    {
        var attention = RandomAttention.Draw(random).To(type);
        var naive = attention.To(ScalarType.Float64).Naive();
        var explicitly = Run(attention, AttentionPath.Explicit, needWeights: true);
        TensorAssert.Type(type, explicitly.Output);
        TensorAssert.Type(type, explicitly.Weights!);
        TensorAssert.Close(naive.Output, explicitly.Output, tolerance, tolerance, "explicit output");
        TensorAssert.Close(naive.Weights, explicitly.Weights!, tolerance, tolerance, "weights");
        foreach (var path in Paths(attention))
            TensorAssert.Close(naive.Output, Run(attention, path).Output, tolerance, tolerance, $"{path} output");
    }, seed: 3);

    private static IEnumerable<AttentionPath> Paths(RandomAttention attention) =>
        attention.Options.Softcap > 0 ? [AttentionPath.Blocks] : [AttentionPath.Blocks, AttentionPath.Fused];

    private static AttentionResult Run(RandomAttention attention, AttentionPath? path, bool needWeights = false) =>
        AttentionFunctions.ScaledDotProduct(
            attention.Query, attention.Key, attention.Value, attention.Options with { Path = path, NeedWeights = needWeights });
}
