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

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Operands_that_depend_on_each_other_have_the_same_gradient_recorded_or_not(ScalarType type)
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        var (x, outer) = (randn(2, 2, 5, 4, type), randn(2, 2, 5, 4, type));
        x.requires_grad_();
        foreach (var operands in new Func<(Tensor, Tensor, Tensor)>[] { () => (x, x, x), () => (x, x * 2, x * x), () => (x.alias(), x, x.alias()) })
        {
            var (blocks, recorded, twice) = Gradients(AttentionPath.Blocks);
            var (_, expected, expectedTwice) = Gradients(AttentionPath.Explicit);
            var tolerance = type == ScalarType.Float64 ? 1e-10 : 1e-4;
            TensorAssert.Close(expected, blocks, tolerance, tolerance);
            TensorAssert.Close(expected, recorded, tolerance, tolerance);
            TensorAssert.Close(expectedTwice, twice, tolerance, tolerance);

            (Tensor Plain, Tensor Recorded, Tensor Twice) Gradients(AttentionPath path)
            {
                Tensor Sum()
                {
                    var (query, key, value) = operands();
                    return (AttentionFunctions.ScaledDotProduct(query, key, value, new() { Path = path }).Output * outer).sum();
                }

                var graph = autograd.grad([Sum()], [x], retain_graph: true, create_graph: true)[0];
                return (autograd.grad([Sum()], [x])[0], graph.detach(), autograd.grad([graph.square().sum()], [x])[0]);
            }
        }
    }

    [Fact]
    public void The_output_can_be_changed_in_place_as_that_of_any_operation()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        foreach (var path in new[] { AttentionPath.Blocks, AttentionPath.Explicit })
        {
            var x = randn(2, 2, 5, 8).requires_grad_();
            var output = AttentionFunctions.ScaledDotProduct(x, x, x, new() { Path = path }).Output;
            TensorAssert.Close(output.detach() + 1, output.add_(1).detach(), 1e-6);
        }
    }

    [Fact]
    public void Sums_over_very_many_keys_stay_exact()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        const long keys = 200_000;
        var key = zeros(1, 1, keys, 8);
        key[0, 0, 0] = 2.3;
        var output = AttentionFunctions.ScaledDotProduct(ones(1, 1, 7, 8), key, ones(1, 1, keys, 8), new() { Path = AttentionPath.Blocks }).Output;
        TensorAssert.Close(ones(1, 1, 7, 8), output, 3e-4);
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
