using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class VanillaAttentionTests
{
    private const int D = 5;

    private static ModuleConformance<VanillaAttention> Conformance => new()
    {
        Create = () => new VanillaAttention(D),
        Inputs = () => [randn(2, D), randn(2, 7, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], x[1], AttentionMask.FromLengths(3, 7));
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[2, D], [2, 7]],
        Parameters = """
            fc_align.weight [5, 5]
            fc_align.bias [5]
            fc_query.weight [5, 5]
            fc_query.bias [5]
            fc_value.weight [5, 5]
            fc_value.bias [5]
            """,
        ParametersWithoutGradient = ["fc_align.bias"],
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void By_hand()
    {
        using var scope = NewDisposeScope();
        using var attention = new VanillaAttention(1);
        attention.load_state_dict(new()
        {
            ["fc_align.weight"] = tensor(new float[,] { { MathF.Log(3) } }),
            ["fc_align.bias"] = tensor(new float[] { 5 }),
            ["fc_query.weight"] = tensor(new float[,] { { 0.5f } }),
            ["fc_query.bias"] = tensor(new float[] { -1 }),
            ["fc_value.weight"] = tensor(new float[,] { { 2 } }),
            ["fc_value.bias"] = tensor(new float[] { 0.25f }),
        });
        // Scores log 3 · k + 5 of k = 0, 1: weights 1/4, 3/4; context 3/4; tanh(0.5 - 1 + 1.5 + 0.25).
        var result = attention.call(ones(1, 1), tensor(new float[,,] { { { 0 }, { 1 } } }));
        TensorAssert.Close(new[,] { { 0.25, 0.75 } }, result.Weights!);
        TensorAssert.Close(new[,] { { Math.Tanh(1.25) } }, result.Output);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 7)]
    [InlineData(1, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 0)]
    public void It_is_what_loops_give(int b, int s)
    {
        using var scope = NewDisposeScope();
        using var attention = new VanillaAttention(D);
        attention.to(ScalarType.Float64);
        Tensor query = randn(b, D, ScalarType.Float64), key = randn(b, s, D, ScalarType.Float64);
        var (output, weights) = Loops(attention, TensorArrays.Matrix(query), TensorArrays.Cube(key));
        var result = attention.call(query, key);
        TensorAssert.Close(weights, result.Weights!, 1e-12, 1e-12);
        TensorAssert.Close(output, result.Output, 1e-12, 1e-12);
    }

    [Fact]
    public void What_is_masked_may_be_anything()
    {
        using var scope = NewDisposeScope();
        using var attention = new VanillaAttention(D);
        Tensor query = randn(2, D), key = randn(2, 7, D);
        var mask = AttentionMask.FromLengths(3, 7);
        var expected = attention.call(query, key, mask);
        key[0, TensorIndex.Slice(3)] = float.NaN;
        key.requires_grad_();
        var actual = attention.call(query, key, mask);
        TensorAssert.Equal(expected.Output, actual.Output);
        TensorAssert.Equal(expected.Weights!, actual.Weights!);
        actual.Output.sum().backward();
        TensorAssert.AllFinite(key.grad!);
        Assert.All(attention.parameters(), p => TensorAssert.AllFinite(p.grad!));
    }

    [Fact]
    public void With_nothing_to_see_the_context_is_zero()
    {
        using var scope = NewDisposeScope();
        using var attention = new VanillaAttention(D);
        var query = randn(2, D);
        var result = attention.call(query, randn(2, 3, D), AttentionMask.FromLengths(0, 3));
        TensorAssert.AllZero(result.Weights!.select(0, 0));
        var expected = (attention.QueryProjection.call(query) + attention.ValueProjection.bias!).tanh();
        TensorAssert.Close(expected.select(0, 0), result.Output.select(0, 0));
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var scope = NewDisposeScope();
        using var attention = new VanillaAttention(3);
        GradientCheck.Module(attention, x => attention.call(x[0], x[1], AttentionMask.FromLengths(2, 5)).Output, randn(2, 3), randn(2, 5, 3));
    }

    [Fact]
    public void Weights_can_be_refused()
    {
        using var scope = NewDisposeScope();
        using var attention = new VanillaAttention(D);
        Assert.Null(attention.call(randn(2, D), randn(2, 3, D), needWeights: false).Weights);
    }

    private static (double[,] Output, double[,] Weights) Loops(VanillaAttention attention, double[,] query, double[,,] key)
    {
        var (batch, keys) = (key.GetLength(0), key.GetLength(1));
        var (output, weights) = (new double[batch, D], new double[batch, keys]);
        for (var b = 0; b < batch; b++)
        {
            double[] q = [.. Enumerable.Range(0, D).Select(d => query[b, d])];
            double[][] k = [.. Enumerable.Range(0, keys).Select(s => Enumerable.Range(0, D).Select(d => key[b, s, d]).ToArray())];
            double[] scores = [.. k.Select(x => NaiveScores.Dot(Apply(attention.Align, x), q))];
            var softmax = NaiveAttention.Softmax(scores, [.. scores.Select(_ => true)]);
            var context = new double[D];
            for (var s = 0; s < keys; s++)
            {
                weights[b, s] = softmax[s];
                for (var d = 0; d < D; d++)
                    context[d] += softmax[s] * k[s][d];
            }

            double[] fromQuery = Apply(attention.QueryProjection, q), fromContext = Apply(attention.ValueProjection, context);
            for (var d = 0; d < D; d++)
                output[b, d] = Math.Tanh(fromQuery[d] + fromContext[d]);
        }

        return (output, weights);
    }

    private static double[] Apply(TorchSharp.Modules.Linear layer, double[] vector) =>
        [.. NaiveScores.Times(TensorArrays.Matrix(layer.weight), vector).Zip(TensorArrays.Flat(layer.bias!), (x, b) => x + b)];
}
