using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class ReductionTests
{
    private static Tensor Rows() => tensor(new float[,] { { 3, 1, 2 }, { 6, 5, 4 } });

    [Fact]
    public void Sums_and_means_reduce_the_named_dimensions()
    {
        using var scope = NewDisposeScope();
        Tensor t = Rows();
        Assert.Equal(21f, t.sum().item<float>());
        Assert.Equal([9f, 6f, 6f], t.sum(dim: 0L).data<float>().ToArray());
        Assert.Equal([2, 1], t.sum([1L], keepdim: true).shape);
        Assert.Equal(float64, t.sum(1L, type: float64).dtype);
        Assert.Equal(3.5f, t.mean().item<float>());
        Assert.Equal([2f, 5f], t.mean([1]).data<float>().ToArray());
        Assert.Equal([6f, 120f], t.prod(1L).data<float>().ToArray());
        Assert.Equal([3f, 4f, 6f, 6f, 11f, 15f], t.cumsum(1).data<float>().ToArray());
    }

    [Fact]
    public void Extremes_come_with_their_places()
    {
        using var scope = NewDisposeScope();
        Tensor t = Rows();
        var (values, places) = t.max(1);
        Assert.Equal([3f, 6f], values.data<float>().ToArray());
        Assert.Equal([0L, 0L], places.data<long>().ToArray());
        Assert.Equal(1f, t.min().item<float>());
        Assert.Equal([1L, 2L], t.argmin(1).data<long>().ToArray());
        Assert.Equal([6f, 5f, 4f], t.amax([0L]).data<float>().ToArray());
        var (top, indexes) = t.topk(2);
        Assert.Equal([3f, 2f, 6f, 5f], top.data<float>().ToArray());
        Assert.Equal([0L, 2L, 0L, 1L], indexes.data<long>().ToArray());
        var (sorted, order) = t.sort(1, descending: true);
        Assert.Equal([3f, 2f, 1f, 6f, 5f, 4f], sorted.data<float>().ToArray());
        Assert.Equal(order.data<long>().ToArray(), t.argsort(1, descending: true).data<long>().ToArray());
    }

    [Fact]
    public void Spread_is_unbiased_unless_asked_otherwise()
    {
        using var scope = NewDisposeScope();
        Tensor t = Rows();
        Assert.Equal([1f, 1f], t.std(1).data<float>().ToArray());
        Assert.Equal([2f / 3, 2f / 3], t.var(1, unbiased: false).data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(5f, tensor(new[] { 3f, 4f }).norm().item<float>());
        Assert.Equal(7f, tensor(new[] { 3f, 4f }).norm(0, p: 1).item<float>());
    }

    [Fact]
    public void Questions_about_all_elements_have_boolean_answers()
    {
        using var scope = NewDisposeScope();
        Tensor t = tensor(new[] { 1f, float.NaN, float.PositiveInfinity });
        Assert.Equal([false, true, false], t.isnan().data<bool>().ToArray());
        Assert.Equal([true, false, false], t.isfinite().data<bool>().ToArray());
        Assert.True(t.isinf().any().item<bool>());
        Assert.False(t.isfinite().all().item<bool>());
        Assert.False(t.allclose(t));
        Assert.True(t.allclose(t, equal_nan: true));
        Assert.Equal([1f, 0f, 9f], t.nan_to_num(0, posinf: 9).data<float>().ToArray());
        Assert.True(Rows().Equals(Rows()));
    }
}
