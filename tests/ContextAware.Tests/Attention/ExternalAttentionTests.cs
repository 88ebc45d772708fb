using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class ExternalAttentionTests
{
    private const int D = 5, M = 3;

    private static ModuleConformance<ExternalAttention> Conformance => new()
    {
        Create = () => new ExternalAttention(D, M),
        Inputs = () => [randn(2, 7, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], AttentionMask.FromLengths(4, 7), needWeights: true);
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[2, 7, D], [2, 7, M]],
        Parameters = """
            mk.weight [3, 5]
            mv.weight [5, 3]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void By_hand()
    {
        using var scope = NewDisposeScope();
        using var attention = new ExternalAttention(dim: 1, memory: 2);
        attention.load_state_dict(new()
        {
            ["mk.weight"] = tensor(new float[,] { { MathF.Log(2) }, { MathF.Log(3) } }),
            ["mv.weight"] = tensor(new float[,] { { 10, 100 } }),
        });
        // Tokens 0 and 1. Slot 1: exp 1, 2 → 1/3, 2/3. Slot 2: exp 1, 3 → 1/4, 3/4. Rows: 4:3 of 7 and 8:9 of 17.
        var result = attention.call(tensor(new float[,,] { { { 0 }, { 1 } } }), needWeights: true);
        TensorAssert.Close(new[,,] { { { 4 / 7.0, 3 / 7.0 }, { 8 / 17.0, 9 / 17.0 } } }, result.Weights!);
        TensorAssert.Close(new[,,] { { { 340 / 7.0 }, { 980 / 17.0 } } }, result.Output);
    }

    [Theory]
    [InlineData(2, 3, 5, 7)]
    [InlineData(3, 7, 2, 1)]
    [InlineData(1, 1, 1, 5)]
    [InlineData(0, 3, 5, 2)]
    [InlineData(2, 0, 5, 2)]
    public void It_is_what_loops_give(int b, int n, int d, int m)
    {
        using var scope = NewDisposeScope();
        using var attention = new ExternalAttention(d, m);
        attention.to(ScalarType.Float64);
        var input = randn(b, n, d, ScalarType.Float64);
        var scores = NaiveDoubleNorm.Scores(TensorArrays.Cube(input), TensorArrays.Matrix(attention.KeyMemory.weight));
        var weights = NaiveDoubleNorm.Weights(scores);
        var result = attention.call(input, needWeights: true);
        TensorAssert.Close(weights, result.Weights!, 1e-12, 1e-12);
        TensorAssert.Close(NaiveDoubleNorm.Scores(weights, TensorArrays.Matrix(attention.ValueMemory.weight)), result.Output, 1e-12, 1e-12);
    }

    [Fact]
    public void Padding_is_as_if_it_were_not_there()
    {
        using var scope = NewDisposeScope();
        using var attention = new ExternalAttention(D, M);
        var input = randn(2, 7, D);
        var mask = AttentionMask.FromLengths(4, 0);
        var alone = attention.call(input.narrow(0, 0, 1).narrow(1, 0, 4), needWeights: true);
        input[0, TensorIndex.Slice(4)] = float.NaN;
        input[1] = float.PositiveInfinity;
        input.requires_grad_();

        var result = attention.call(input, mask, needWeights: true);
        TensorAssert.Close(alone.Output, result.Output.narrow(0, 0, 1).narrow(1, 0, 4));
        TensorAssert.Close(alone.Weights!, result.Weights!.narrow(0, 0, 1).narrow(1, 0, 4));
        TensorAssert.AllZero(result.Output.select(0, 0).narrow(0, 4, 3));
        TensorAssert.AllZero(result.Output.select(0, 1));
        TensorAssert.AllZero(result.Weights!.select(0, 1));

        (result.Output * randn(2, 7, D)).sum().backward();
        TensorAssert.AllFinite(input.grad!);
        TensorAssert.AllZero(input.grad!.select(0, 1));
        Assert.All(attention.parameters(), p => TensorAssert.AllFinite(p.grad!));
    }

    [Fact]
    public void A_token_that_every_slot_ignores_still_sums_to_one()
    {
        using var scope = NewDisposeScope();
        using var attention = new ExternalAttention(dim: 1, memory: 2);
        attention.load_state_dict(new() { ["mk.weight"] = ones(2, 1), ["mv.weight"] = ones(1, 2) });
        // The softmax over tokens gives the first token exp(−1000) = 0 in both slots: dividing by their sum would be 0/0.
        var input = tensor(new float[,,] { { { 0 }, { 1000 } } }).requires_grad_();
        var result = attention.call(input, needWeights: true);
        TensorAssert.Close(new[,,] { { { 0.5, 0.5 }, { 0.5, 0.5 } } }, result.Weights!);
        result.Output.sum().backward();
        TensorAssert.AllFinite(input.grad!);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 0)]
    [InlineData(0, 0)]
    public void Nothing_may_be_masked_too(long b, long n)
    {
        using var scope = NewDisposeScope();
        using var attention = new ExternalAttention(D, M);
        var mask = AttentionMask.FromKeyPadding(zeros(b, n, @bool), PaddingMeaning.TrueIsPadding);
        TensorAssert.Shape([b, n, D], attention.call(zeros(b, n, D), mask).Output);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var scope = NewDisposeScope();
        using var attention = new ExternalAttention(3, 2);
        GradientCheck.Module(attention, x => attention.call(x[0]).Output, randn(2, 5, 3));
        GradientCheck.Module(attention, x => attention.call(x[0], AttentionMask.FromLengths(3, 0)).Output, randn(2, 5, 3));
    }
}
