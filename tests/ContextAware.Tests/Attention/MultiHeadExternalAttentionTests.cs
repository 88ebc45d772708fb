using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class MultiHeadExternalAttentionTests
{
    private const int D = 6, H = 3, M = 5;

    private static ModuleConformance<MultiHeadExternalAttention> Conformance => new()
    {
        Create = () => new MultiHeadExternalAttention(D, H, M, expansion: 2, dropout: 0.2),
        Inputs = () => [randn(2, 7, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], AttentionMask.FromLengths(4, 7), needWeights: true);
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[2, 7, D], [2, 6, 7, M]],
        Parameters = """
            trans_dims.weight [12, 6]
            trans_dims.bias [12]
            linear_0.weight [5, 2]
            linear_0.bias [5]
            linear_1.weight [2, 5]
            linear_1.bias [2]
            proj.weight [6, 12]
            proj.bias [6]
            """,
        // It adds the same to all tokens of a slot, over which the first softmax goes.
        ParametersWithoutGradient = ["linear_0.bias"],
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Theory]
    [InlineData(2, 3, 1)]
    [InlineData(1, 7, 3)]
    public void It_is_what_loops_give(int b, int n, int expansion)
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiHeadExternalAttention(D, H, M, expansion);
        attention.to(ScalarType.Float64);
        var input = randn(b, n, D, ScalarType.Float64);
        var result = attention.call(input, needWeights: true);

        var wide = TensorArrays.Cube(attention.InputProjection.call(input));
        var combined = new double[b, n, D * expansion];
        const int Width = D / H;
        for (var h = 0; h < H * expansion; h++)
        {
            var part = TensorArrays.Cube(TensorArrays.From(wide).narrow(2, h * Width, Width));
            var scores = NaiveDoubleNorm.Scores(part, TensorArrays.Matrix(attention.KeyMemory.weight));
            var weights = NaiveDoubleNorm.Weights(scores);     // the bias falls out
            TensorAssert.Close(weights, result.Weights!.select(1, h), 1e-12, 1e-12);
            var attended = NaiveDoubleNorm.Scores(weights, TensorArrays.Matrix(attention.ValueMemory.weight));
            var bias = TensorArrays.Flat(attention.ValueMemory.bias!);
            for (var i = 0; i < b; i++)
                for (var j = 0; j < n; j++)
                    for (var e = 0; e < Width; e++)
                        combined[i, j, (h * Width) + e] = attended[i, j, e] + bias[e];
        }

        TensorAssert.Close(attention.OutputProjection.call(TensorArrays.From(combined)), result.Output, 1e-12, 1e-12);
    }

    [Fact]
    public void Padding_is_as_if_it_were_not_there()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiHeadExternalAttention(D, H, M);
        var input = randn(1, 7, D);
        var alone = attention.call(input.narrow(1, 0, 4));
        input[0, TensorIndex.Slice(4)] = float.NaN;
        var result = attention.call(input, AttentionMask.FromLengths(4));
        TensorAssert.Close(alone.Output, result.Output.narrow(1, 0, 4));
        TensorAssert.AllZero(result.Output.narrow(1, 4, 3));
        result.Output.sum().backward();
        Assert.All(attention.parameters(), p => TensorAssert.AllFinite(p.grad!));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 0)]
    [InlineData(0, 0)]
    public void Nothing_may_be_masked_too(long b, long n)
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiHeadExternalAttention(D, H, M);
        var mask = AttentionMask.FromKeyPadding(zeros(b, n, @bool), PaddingMeaning.TrueIsPadding);
        TensorAssert.Shape([b, n, D], attention.call(zeros(b, n, D), mask).Output);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiHeadExternalAttention(4, 2, 3, expansion: 2);
        GradientCheck.Module(attention, x => attention.call(x[0], AttentionMask.FromLengths(3, 5)).Output, randn(2, 5, 4));
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiHeadExternalAttention(D, H, M, dropout: 0.5);
        var input = randn(2, 7, D);
        Assert.False(attention.call(input).Output.allclose(attention.call(input).Output));
        attention.eval();
        TensorAssert.Equal(attention.call(input).Output, attention.call(input).Output);
    }
}
