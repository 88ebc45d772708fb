using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class CustomFunctionTests
{
    private sealed class Scaled : SingleTensorFunction<Scaled>
    {
        public override string Name => nameof(Scaled);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var (x, factor) = ((Tensor)vars[0], (double)vars[1]);
            ctx.save_for_backward([x]);
            ctx.save_data("factor", factor);
            return x * x * factor;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            Tensor x = ctx.get_saved_variables()[0];
            return [grad_output * x * 2 * (double)ctx.get_data("factor"), null!];
        }
    }

    private sealed class SumAndDifference : MultiTensorFunction<SumAndDifference>
    {
        public override string Name => nameof(SumAndDifference);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            return [a + b, a - b];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs) =>
            [grad_outputs[0] + grad_outputs[1], grad_outputs[0] - grad_outputs[1]];
    }

    private sealed class Failing : SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);
        public override Tensor forward(AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 1;
        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => throw new NotSupportedException("no way back");
    }

    /// <summary>The sorted values and, without a gradient, their places.</summary>
    private sealed class Sorted : MultiTensorFunction<Sorted>
    {
        public override string Name => nameof(Sorted);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            var (values, places) = ((Tensor)vars[0]).sort();
            ctx.mark_non_differentiable([places]);
            ctx.save_for_backward([places]);
            return [values, places];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs) =>
            [zeros_like(grad_outputs[0]).scatter(0, ctx.get_saved_variables()[0], grad_outputs[0])];
    }

    [Fact]
    public void A_custom_gradient_is_used()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1f, 2f }, requires_grad: true);
        Tensor y = Scaled.apply(x * 3, 10.0);
        Assert.Equal([90f, 360f], y.data<float>().ToArray());
        Assert.True(y.requires_grad);
        y.sum().backward();
        Assert.Equal([180f, 360f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Without_gradients_only_forward_runs()
    {
        using var scope = NewDisposeScope();
        Assert.False(Scaled.apply(ones(1), 2.0).requires_grad);
        Tensor x = ones(1, requires_grad: true);
        using (no_grad()) Assert.False(Scaled.apply(x, 2.0).requires_grad);
    }

    [Fact]
    public void An_output_that_is_not_used_has_a_zero_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(2, requires_grad: true), b = ones(2, requires_grad: true);
        List<Tensor> outputs = SumAndDifference.apply(a, b);
        (outputs[1] * 5).sum().backward();
        Assert.Equal([5f, 5f], a.grad!.data<float>().ToArray());
        Assert.Equal([-5f, -5f], b.grad!.data<float>().ToArray());
    }

    [Fact]
    public void An_output_can_be_without_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 3f, 1f, 2f }, requires_grad: true);
        List<Tensor> outputs = Sorted.apply(x);
        Assert.False(outputs[1].requires_grad);
        (outputs[0] * tensor(new[] { 10f, 20f, 30f })).sum().backward();
        Assert.Equal([30f, 10f, 20f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Saved_tensors_go_with_the_graph()
    {
        using var scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        Tensor y = Scaled.apply(x, 1.0).sum();
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal([4f, 4f], x.grad!.data<float>().ToArray());
        Assert.SkipWhen(Provider.IsPublished, "TorchSharp 0.107 keeps what a custom function saved.");
        var error = Assert.Throws<ExternalException>(() => y.backward());
        Assert.Contains("second time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_gradient_is_an_exception()
    {
        Assert.SkipWhen(Provider.IsPublished, "TorchSharp 0.107 ends the process where a custom gradient throws.");
        using var scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        var error = Assert.Throws<ExternalException>(() => Failing.apply(x).sum().backward());
        Assert.Contains("no way back", error.Message, StringComparison.Ordinal);
        Scaled.apply(x, 1.0).sum().backward();
        Assert.Equal([2f, 2f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Custom_functions_leave_no_tensors_behind()
    {
        using Tensor x = tensor(new[] { 1f, 2f }, requires_grad: true);
        void Step()
        {
            using var scope = NewDisposeScope();
            Scaled.apply(x, 2.0).sum().backward();
        }
        Step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 50; i++) Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
