using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class AutogradTests
{
    [Fact]
    public void Backward_fills_and_accumulates_gradients()
    {
        using var scope = NewDisposeScope();
        Tensor w = tensor(new[] { 2f, 3f }, requires_grad: true);
        Assert.True(w.is_leaf);
        Assert.Null(w.grad);
        (w * w).sum().backward();
        Assert.Equal([4f, 6f], w.grad!.data<float>().ToArray());
        (w * 10).sum().backward();
        Assert.Equal([14f, 16f], w.grad!.data<float>().ToArray());
        w.grad!.zero_();
        Assert.Equal([0f, 0f], w.grad!.data<float>().ToArray());
        w.grad = tensor(new[] { 1f, 1f });
        Assert.Equal([1f, 1f], w.grad!.data<float>().ToArray());
        w.grad = null;
        Assert.Null(w.grad);
    }

    [Fact]
    public void Gradients_flow_through_views_indexing_and_masks()
    {
        using var scope = NewDisposeScope();
        Tensor w = ones(2, 3, requires_grad: true);
        Tensor loss = w[0].sum() + 2 * w.t()[.., 1].sum() + w.masked_fill(tensor(new[] { true, false, true }), 0).sum() * 10;
        loss.backward();
        Assert.Equal([1f, 11f, 1f, 2f, 12f, 2f], w.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Gradients_can_be_asked_for_without_being_stored()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(3.0, requires_grad: true);
        Tensor y = x * x * x;
        Tensor first = autograd.grad([y], [x], retain_graph: true, create_graph: true)[0];
        Assert.Equal(27.0, first.item<double>());
        Tensor second = autograd.grad([first], [x])[0];
        Assert.Equal(18.0, second.item<double>());
        Assert.Null(x.grad);
        Tensor z = ones(2, dtype: float64) * x;
        Assert.Equal(5.0, autograd.grad([z], [x], [tensor(new[] { 2.0, 3.0 })])[0].item<double>());
    }

    [Fact]
    public void Backward_can_be_limited_to_some_inputs()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1, requires_grad: true), b = ones(1, requires_grad: true);
        (a * b).backward(inputs: [a]);
        Assert.NotNull(a.grad);
        Assert.Null(b.grad);
        (a * 2).backward([tensor(new[] { 5f })]);
        Assert.Equal(11f, a.grad!.item<float>());
    }

    [Fact]
    public void A_graph_is_freed_unless_it_is_retained()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1, requires_grad: true);
        Tensor b = (a * a).sum();
        b.backward(retain_graph: true);
        b.backward();
        var error = Assert.Throws<ExternalException>(() => b.backward());
        Assert.Contains("second time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modes_nest_and_are_restored()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad()) {
            Assert.False((a * 2).requires_grad);
            using (enable_grad()) Assert.True((a * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (set_grad_enabled(false)) Assert.False(is_grad_enabled());
        Assert.True((a * 2).requires_grad);
        Assert.False(is_inference_mode_enabled());
        using (inference_mode()) {
            Assert.True(is_inference_mode_enabled());
            Assert.False((a * 2).requires_grad);
        }
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void Detached_tensors_and_leaves_know_what_they_are()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(2, requires_grad: true);
        Tensor b = a * 2;
        Assert.False(b.is_leaf);
        Assert.True(b.requires_grad);
        Tensor c = b.detach();
        Assert.False(c.requires_grad);
        Assert.True(c.is_leaf);
        c[0] = 7f;
        Assert.Equal(7f, b[0].item<float>());
        b.retain_grad();
        b.sum().backward();
        Assert.Equal([1f, 1f], b.grad!.data<float>().ToArray());
        Assert.True(zeros(1).requires_grad_().requires_grad);
    }

    [Fact]
    public void Anomalies_are_found_when_asked()
    {
        using var scope = NewDisposeScope();
        Tensor a = zeros(1, requires_grad: true);
        using (autograd.detect_anomaly()) {
            Assert.True(AnomalyMode.IsEnabled);
            var error = Assert.Throws<ExternalException>(() => (a.sqrt() * 0).sum().backward());
            Assert.Contains("nan", error.Message, StringComparison.Ordinal);
        }
        Assert.False(AnomalyMode.IsEnabled);
    }

    [Fact]
    public void Attention_has_the_gradient_that_finite_differences_give()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor query = randn(3, 2, dtype: float64, requires_grad: true);
        Tensor key = randn(5, 2, dtype: float64), value = randn(5, 7, dtype: float64);
        Tensor weight = randn(3, 7, dtype: float64);
        Tensor Loss(Tensor q) => (q.matmul(key.t()).div(Math.Sqrt(2)).softmax(-1).matmul(value) * weight).sum();
        Loss(query).backward();
        using var _ = no_grad();
        for (int i = 0; i < 3; i++) {
            Tensor step = zeros(3, 2, dtype: float64);
            step[i, 1] = 1e-6;
            double numeric = (Loss(query + step) - Loss(query - step)).item<double>() / 2e-6;
            Assert.Equal(numeric, query.grad![i, 1].item<double>(), 1e-6);
        }
    }
}
