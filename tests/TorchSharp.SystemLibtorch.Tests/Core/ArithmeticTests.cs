using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class ArithmeticTests
{
    private static float[] Floats(Tensor tensor) => tensor.data<float>().ToArray();

    [Fact]
    public void Operators_take_tensors_and_numbers_on_either_side()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1f, 2f, 4f });
        Assert.Equal([2f, 4f, 8f], Floats(a + a));
        Assert.Equal([3f, 4f, 6f], Floats(2 + a));
        Assert.Equal([1f, 0f, -2f], Floats(2.0 - a));
        Assert.Equal([1f, 0.5f, 0.25f], Floats(1 / a));
        Assert.Equal([0f, 1f, 3f], Floats(a - 1L));
        Assert.Equal([-1f, -2f, -4f], Floats(-a));
        Assert.Equal([1f, 0f, 0f], Floats(a % 2));
        Assert.Equal([0.5f, 1f, 2f], Floats(a * 0.5f));
    }

    [Fact]
    public void Results_have_the_promoted_type()
    {
        using var scope = NewDisposeScope();
        Tensor i = tensor(new[] { 1, 2 });
        Tensor f = tensor(new[] { 1f, 2f });
        Tensor d = tensor(new[] { 1.0, 2.0 });
        Assert.Equal(float32, (i + f).dtype);
        Assert.Equal(float64, (f + d).dtype);
        Assert.Equal(int32, (i + 1).dtype);
        Assert.Equal(float32, (i + 0.5).dtype);
        Assert.Equal(float32, (i / 2).dtype);
        Assert.Equal(@bool, (i > 1).dtype);
    }

    [Fact]
    public void In_place_forms_change_and_give_back_the_same_tensor()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1f, 2f });
        Assert.Same(a, a.add_(1));
        Assert.Same(a, a.mul_(a));
        Assert.Equal([4f, 9f], Floats(a));
        a.sub_(1).div_(2).clamp_(0, 3);
        Assert.Equal([1.5f, 3f], Floats(a));
        a.zero_();
        Assert.Equal([0f, 0f], Floats(a));
        a.fill_(7).copy_(tensor(new[] { 5.0, 6.0 }));
        Assert.Equal([5f, 6f], Floats(a));
    }

    [Fact]
    public void Matrix_products_agree_with_each_other()
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(6, dtype: float32).view(2, 3);
        Tensor b = arange(12, dtype: float32).view(3, 4);
        Tensor expected = tensor(new float[,] { { 20, 23, 26, 29 }, { 56, 68, 80, 92 } });
        Assert.True(a.matmul(b).allclose(expected));
        Assert.True(a.mm(b).allclose(expected));
        Assert.True(a.unsqueeze(0).bmm(b.unsqueeze(0)).squeeze(0).allclose(expected));
        Assert.True(einsum("ik,kj->ij", a, b).allclose(expected));
        Assert.True(zeros(2, 4).addmm(a, b).allclose(expected));
        Assert.True(a.unsqueeze(0).baddbmm(b.unsqueeze(0), ones(1, 2, 4), beta: 2, alpha: 0.5f).squeeze(0).allclose(expected * 0.5 + 2));
        Assert.True(a.mv(b[TensorIndex.Colon, 1]).allclose(expected[TensorIndex.Colon, 1]));
        Assert.True(a.tensordot(b, [1], [0]).allclose(expected));
    }

    [Fact]
    public void Comparisons_and_logic_give_booleans()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1f, 2f, 3f });
        Assert.Equal([false, true, true], (a >= 2).data<bool>().ToArray());
        Assert.Equal([true, false, false], (2 > a).data<bool>().ToArray());
        Assert.Equal([false, true, false], ((a > 1) & (a < 3)).data<bool>().ToArray());
        Assert.Equal([true, false, true], (~(a == 2)).data<bool>().ToArray());
        Assert.Equal([true, false, true], ((a == 1) ^ (a == 3)).data<bool>().ToArray());
        Assert.Equal([1f, -1f, -1f], Floats(where(a == 1, a, tensor(-1f))));
        Assert.Equal([0f, 2f, 0f], Floats(a.masked_fill(a != 2, 0)));
    }

    [Fact]
    public void Softmax_and_its_logarithm_agree()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 0f, 1f, 2f });
        Assert.True(a.softmax(0).sum().allclose(tensor(1f)));
        Assert.True(a.softmax(0).log().allclose(a.log_softmax(0)));
        Assert.True((a - a.logsumexp(0)).allclose(a.log_softmax(0)));
        Assert.Equal(float64, a.softmax(0, float64).dtype);
    }
}
