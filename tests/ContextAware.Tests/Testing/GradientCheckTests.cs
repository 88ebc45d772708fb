using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Testing;

public class GradientCheckTests
{
    [Fact]
    public void Right_gradients_pass()
    {
        using var scope = NewDisposeScope();
        GradientCheck.Function(x => x[0].exp() * x[1] + x[1].sum(), randn(3, 5), randn(5));
    }

    [Fact]
    public void A_wrong_gradient_fails_and_names_the_input()
    {
        using var scope = NewDisposeScope();
        // d(x·detach(x))/dx is x to autograd, 2x in truth.
        var message = Failure.Of(() => GradientCheck.Function(x => x[0] * x[1] * x[1].detach(), ones(2), ones(2) * 3));
        Assert.StartsWith("Wrong gradient of input 1 [2] at [0]: autograd ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_that_cancels_in_a_plain_sum_is_still_checked()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("Wrong gradient", Failure.Of(() => GradientCheck.Function(x => x[0].softmax(0).detach() + x[0] * 0, randn(4))));
    }

    [Fact]
    public void An_input_that_no_gradient_reaches_fails()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("autograd none", Failure.Of(() => GradientCheck.Function(x => x[0] * x[1].detach(), randn(2), randn(2))));
    }

    [Theory]
    [InlineData(3e-7)]
    [InlineData(-3e-7)]
    [InlineData(0)]
    public void A_bend_within_the_step_does_not_count_against_a_right_gradient(double at)
    {
        using var scope = NewDisposeScope();
        GradientCheck.Function(x => x[0].relu() + x[0].pow(2), tensor([at, 1.0]));
        Assert.Contains("Wrong gradient of input 0", Failure.Of(() => GradientCheck.Function(x => x[0].relu() + x[0].detach() * 0.5, tensor([at, 1.0]))));
    }

    [Fact]
    public void An_input_that_does_not_matter_passes()
    {
        using var scope = NewDisposeScope();
        GradientCheck.Function(x => x[0] * 2, randn(2), randn(2));
    }

    [Fact]
    public void A_random_function_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("not deterministic", Failure.Of(() => GradientCheck.Function(x => x[0] * rand(2).to(ScalarType.Float64), randn(2))));
    }

    [Fact]
    public void A_function_that_falls_out_of_float64_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("Float32", Failure.Of(() => GradientCheck.Function(x => x[0].to(ScalarType.Float32), randn(2))));
    }

    [Fact]
    public void A_modules_parameters_are_checked_by_name()
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(3, 2);
        GradientCheck.Module(linear, x => linear.call(x[0]).tanh(), randn(5, 3));
        var message = Failure.Of(() => GradientCheck.Module(linear, x => nn.functional.linear(x[0], linear.weight!) + 2 * linear.bias! - linear.bias!.detach(), randn(5, 3)));
        Assert.StartsWith("Wrong gradient of parameter 'bias' [2] at [0]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_big_tensor_is_checked_at_some_elements_and_left_as_it_was()
    {
        using var scope = NewDisposeScope();
        var calls = 0;
        var big = randn(100, 100);
        var copy = big.clone();
        GradientCheck.Function(x => { calls++; return x[0].sin(); }, new GradientCheckOptions { MaximumElements = 5 }, big);
        Assert.Equal(2 * 5 + 4, calls);
        TensorAssert.Equal(copy, big);
    }
}
