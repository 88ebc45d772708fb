using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Gradients against finite differences, on every path.</summary>
public class ScaledDotProductGradientTests
{
    public static TheoryData<AttentionPath> Paths => new(Enum.GetValues<AttentionPath>());

    [Theory]
    [MemberData(nameof(Paths))]
    public void Gradients_agree_with_finite_differences(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var few = new GradientCheckOptions { MaximumElements = 10 };
        Tensor[] inputs = [randn(2, 6, 3, 5), randn(2, 3, 7, 5), randn(2, 3, 7, 2), randn(1, 6, 3, 1)];
        AttentionMask[] masks =
        [
            AttentionMask.None, AttentionMask.Causal, AttentionMask.CausalFrom(-1), AttentionMask.FromLengths(4, 0), AttentionMask.Blocks(2),
            AttentionMask.SlidingWindow(1) & AttentionMask.FromLengths(6, 7), AttentionMask.FromBoolean(rand(2, 6, 3, 7).gt(0.4)),
        ];
        foreach (var mask in masks)
        {
            foreach (var softcap in path == AttentionPath.Fused ? [0.0] : new[] { 0, 1.5 })
            {
                var options = new AttentionOptions { Mask = mask, Scale = 0.7, Softcap = softcap, Path = path, Blocks = new(2, 2, 1) };
                GradientCheck.Function(x => AttentionFunctions.ScaledDotProduct(x[0], x[1], x[2], options with { Bias = x[3] }).Output, few, inputs);
                GradientCheck.Function(x => AttentionFunctions.ScaledDotProduct(x[0], x[1], x[2], options).Output, few, inputs[..3]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Gradients_of_square_and_of_hiding_forms_agree_with_finite_differences(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var few = new GradientCheckOptions { MaximumElements = 10 };
        // The triangle, which the fused kernel knows by itself; one head for all queries; −∞ in the bias.
        Tensor[] square = [randn(1, 2, 5, 3), randn(1, 2, 5, 3), randn(1, 2, 5, 4)];
        GradientCheck.Function(x => AttentionFunctions.ScaledDotProduct(x[0], x[1], x[2], new() { Mask = AttentionMask.Causal, Path = path }).Output, few, square);
        Tensor[] shared = [randn(2, 4, 3, 3), randn(2, 1, 5, 3), randn(2, 1, 5, 4), randn(3, 5)];
        var hidden = tensor(new[] { false, true, false, false, true, true, true, true, true, true, false, false, true, false, false }).view(3, 5);
        GradientCheck.Function(
            x => AttentionFunctions.ScaledDotProduct(x[0], x[1], x[2], new() { Bias = x[3].masked_fill(hidden, double.NegativeInfinity), Path = path }).Output, few, shared);
    }

    [Fact]
    public void Gradients_of_the_steps_agree_with_finite_differences()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        var mask = AttentionMask.FromLengths(3, 0);
        GradientCheck.Function(x => AttentionFunctions.Scores(x[0], x[1]), randn(2, 4, 3, 5), randn(2, 2, 5, 5));
        GradientCheck.Function(x => AttentionFunctions.Softcap(x[0], 1.5), randn(2, 4, 3, 5));
        GradientCheck.Function(x => MaskedSoftmax.Apply(AttentionFunctions.AddBias(x[0], x[1], mask), mask.ToTensor(2, 4, 3, 5, CPU)), randn(2, 4, 3, 5), randn(1, 4, 3, 1));
        GradientCheck.Function(x => MaskedSoftmax.Apply(x[0], null), randn(3, 5));
        GradientCheck.Function(x => AttentionFunctions.Combine(x[0], x[1]), randn(2, 4, 3, 5), randn(2, 2, 5, 3));
        GradientCheck.Function(x => Heads.Combine(Heads.Split(x[0], 3)), randn(2, 4, 6));
    }

    [Fact]
    public void Weights_can_be_differentiated()
    {
        using var scope = NewDisposeScope();
        GradientCheck.Function(x =>
        {
            var result = AttentionFunctions.ScaledDotProduct(x[0], x[1], x[2], new() { Mask = AttentionMask.Causal, NeedWeights = true });
            return result.Weights!.square().sum() + result.Output.sum();
        }, randn(2, 2, 3, 5), randn(2, 2, 4, 5), randn(2, 2, 4, 3));
    }

    [Fact]
    public void Blocks_can_be_differentiated_twice()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var outer = randn(1, 2, 3, 2, float64);
        // The gradient's own gradient, against finite differences.
        GradientCheck.Function(x =>
        {
            var output = AttentionFunctions.ScaledDotProduct(
                x[0], x[1], x[2], new() { Mask = AttentionMask.Causal, Bias = x[3], Softcap = 2, Path = AttentionPath.Blocks, Blocks = new(2, 1, 1) }).Output;
            var gradients = autograd.grad([(output * outer).sum()], x, retain_graph: true, create_graph: true);
            return gradients.Select(gradient => gradient.square().sum()).Aggregate((a, b) => a + b);
        }, randn(1, 2, 3, 4), randn(1, 1, 5, 4), randn(1, 1, 5, 2), randn(3, 5));
    }

    [Fact]
    public void Dropout_in_blocks_is_differentiated_with_the_weights_it_kept()
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = (randn(2, 2, 4, 3), randn(2, 2, 6, 3), randn(2, 2, 6, 5));
        GradientCheck.Function(x =>
        {
            manual_seed(13);
            return AttentionFunctions.ScaledDotProduct(x[0], x[1], x[2], new() { Dropout = 0.4, Path = AttentionPath.Blocks, Blocks = new(3, 1, 2) }).Output;
        }, query, key, value);
    }
}
