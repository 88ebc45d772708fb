using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class ArithmeticTests
{
    [Fact]
    public void Operators_take_tensors_and_numbers_on_either_side()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1f, 2f, 4f });
        Assert.Equal([2f, 4f, 8f], (a + a).data<float>().ToArray());
        Assert.Equal([3f, 4f, 6f], (2 + a).data<float>().ToArray());
        Assert.Equal([1f, 0f, -2f], (2.0 - a).data<float>().ToArray());
        Assert.Equal([1f, 0.5f, 0.25f], (1 / a).data<float>().ToArray());
        Assert.Equal([0f, 1f, 3f], (a - 1).data<float>().ToArray());
        Assert.Equal([-1f, -2f, -4f], (-a).data<float>().ToArray());
        Assert.Equal([1f, 0f, 0f], (a % 2).add(0).where(a < 2, zeros_like(a)).data<float>().ToArray());
    }

    [Fact]
    public void Matmul_and_views()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(6, dtype: float32).view(2, 3);
        Tensor b = a.transpose(0, 1);
        Assert.Equal([2, 2], a.matmul(b).shape);
        Assert.Equal([5f, 14f, 14f, 50f], a.matmul(b).data<float>().ToArray());
        Assert.Equal(5f, a[1, 2].item<float>());
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], b.data<float>().ToArray());
    }

    [Fact]
    public void Backward_fills_gradients()
    {
        using var scope = NewDisposeScope();
        Tensor w = tensor(new[] { 2f, 3f }, requires_grad: true);
        (w * w).sum().backward();
        Assert.Equal([4f, 6f], w.grad!.data<float>().ToArray());
    }
}
