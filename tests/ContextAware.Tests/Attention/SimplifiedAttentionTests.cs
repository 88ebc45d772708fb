using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class SimplifiedAttentionTests
{
    private const int D = 6, H = 3;

    private static ModuleConformance<SimplifiedSelfAttention> SelfConformance => new()
    {
        Create = () => new SimplifiedSelfAttention(D, H, dropout: 0.2),
        Inputs = () => [randn(2, 5, D)],
        Forward = (m, x) => [m.call(x[0], AttentionMask.FromLengths(3, 5))],
        OutputShapes = [[2, 5, D]],
        Parameters = """
            fc.weight [6, 6]
            fc.bias [6]
            layer_norm.weight [6]
            layer_norm.bias [6]
            """,
    };

    private static ModuleConformance<SimplifiedScaledDotProductAttention> Conformance => new()
    {
        Create = () => new SimplifiedScaledDotProductAttention(D, H, dropout: 0.2),
        Inputs = () => [randn(2, 3, D), randn(2, 5, D), randn(2, 5, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], x[1], x[2], AttentionMask.FromLengths(3, 5), needWeights: true);
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[2, 3, D], [2, H, 3, 5]],
        Parameters = """
            fc_o.weight [6, 6]
            fc_o.bias [6]
            """,
    };

    [Fact]
    public void Self_attention_owes_what_every_module_owes() => SelfConformance.Run();

    [Fact]
    public void Self_attention_runs_on_cuda() => SelfConformance.RunOnCuda();

    [Fact]
    public void Attention_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void Attention_runs_on_cuda() => Conformance.RunOnCuda();

    [Theory]
    [InlineData(2, 7, 3, 1)]
    [InlineData(3, 2, 5, 5)]
    [InlineData(1, 1, 1, 7)]
    public void Both_are_what_loops_give(int b, int l, int heads, int width)
    {
        using var scope = NewDisposeScope();
        var d = heads * width;
        using var inner = new SimplifiedScaledDotProductAttention(d, heads);
        using var block = new SimplifiedSelfAttention(d, heads);
        inner.to(ScalarType.Float64);
        block.to(ScalarType.Float64);
        var mask = AttentionMask.Causal;
        Tensor query = randn(b, l, d, ScalarType.Float64), key = randn(b, l + 2, d, ScalarType.Float64), value = randn(b, l + 2, d, ScalarType.Float64);

        var (output, weights) = Loops(query, key, value, heads);
        var result = inner.call(query, key, value, mask, needWeights: true);
        TensorAssert.Close(weights, result.Weights!, 1e-12, 1e-12);
        TensorAssert.Close(inner.OutputProjection.call(output), result.Output, 1e-12, 1e-12);

        var (own, _) = Loops(query, query, query, heads);
        var expected = block.Norm.call(block.OutputProjection.call(own) + query);
        TensorAssert.Close(expected, block.call(query, mask), 1e-12, 1e-12);
    }

    [Fact]
    public void Self_attention_by_hand()
    {
        using var scope = NewDisposeScope();
        using var attention = new SimplifiedSelfAttention(2, heads: 1);
        attention.load_state_dict(new() { ["fc.weight"] = eye(2), ["fc.bias"] = zeros(2), ["layer_norm.weight"] = ones(2), ["layer_norm.bias"] = tensor(new float[] { 10, 20 }) });
        // x₁·x₁ = √2·ln 3 and x₁·x₂ = 0: the first token takes 3/4 of itself, to which it is added; the second half of it.
        var a = MathF.Sqrt(MathF.Sqrt(2) * MathF.Log(3));
        var output = attention.call(tensor(new float[,,] { { { a, 0 }, { 0, 0 } } }));
        // Two numbers (x, 0) have mean x/2 and variance x²/4.
        double Normal(double x) => x / 2 / Math.Sqrt((x * x / 4) + 1e-5);
        var (first, second) = (Normal(1.75 * a), Normal(0.5 * a));
        TensorAssert.Close(new[,,] { { { 10 + first, 20 - first }, { 10 + second, 20 - second } } }, output);
    }

    [Fact]
    public void What_is_masked_may_change()
    {
        using var scope = NewDisposeScope();
        using var block = new SimplifiedSelfAttention(D, H);
        using var inner = new SimplifiedScaledDotProductAttention(D, H);
        Tensor query = randn(1, 3, D), input = randn(1, 5, D);
        var mask = AttentionMask.FromLengths(3);
        var (before, innerBefore) = (block.call(input, mask).narrow(1, 0, 3), inner.call(query, input, input, mask).Output);
        var changed = input.clone();
        changed.narrow(1, 3, 2).fill_(float.NaN);
        TensorAssert.Close(before, block.call(changed, mask).narrow(1, 0, 3));
        TensorAssert.Close(innerBefore, inner.call(query, changed, changed, mask).Output);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var scope = NewDisposeScope();
        using var block = new SimplifiedSelfAttention(4, 2);
        GradientCheck.Module(block, x => block.call(x[0], AttentionMask.Causal), randn(2, 5, 4));
        using var inner = new SimplifiedScaledDotProductAttention(4, 2);
        GradientCheck.Module(inner, x => inner.call(x[0], x[1], x[2], AttentionMask.FromLengths(3, 0)).Output, randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 4));
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var block = new SimplifiedSelfAttention(D, H, dropout: 0.5);
        using var inner = new SimplifiedScaledDotProductAttention(D, H, dropout: 0.5);
        var x = randn(2, 7, D);
        Assert.False(block.call(x).allclose(block.call(x)));
        Assert.False(inner.call(x, x, x).Output.allclose(inner.call(x, x, x).Output));
        block.eval();
        inner.eval();
        TensorAssert.Equal(block.call(x), block.call(x));
        TensorAssert.Equal(inner.call(x, x, x).Output, inner.call(x, x, x).Output);
    }

    private static (Tensor Output, double[,,,] Weights) Loops(Tensor query, Tensor key, Tensor value, int heads)
    {
        var result = NaiveAttention.Compute(Split(query), Split(key), Split(value), new() { Causal = true });
        return (Heads.Combine(TensorArrays.From(result.Output)), result.Weights);

        double[,,,] Split(Tensor tensor) => TensorArrays.Hypercube(Heads.Split(tensor, heads));
    }
}
