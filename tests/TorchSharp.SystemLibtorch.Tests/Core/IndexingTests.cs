using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class IndexingTests
{
    /// <summary>[2,3,4], every element its own number.</summary>
    private static Tensor Numbers() => arange(24, dtype: float32).view(2, 3, 4);

    [Fact]
    public void Numbers_select()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        Assert.Equal([3, 4], t[1].shape);
        Assert.Equal(23f, t[1, 2, 3].item<float>());
        Assert.Equal(23f, t[-1, -1, -1].item<float>());
        Assert.Equal([4], t[0, 1].shape);
    }

    [Fact]
    public void Ranges_and_slices_keep_the_dimension()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        Assert.Equal([2, 2, 4], t[.., 1..].shape);
        Assert.Equal([1, 3, 2], t[..1, .., ^2..].shape);
        Assert.Equal([16f, 18f], t[1, 1, TensorIndex.Slice(0, null, 2)].data<float>().ToArray());
        Assert.Equal([2, 3], t[TensorIndex.Ellipsis, 0].shape);
        Assert.Equal([2, 1, 3, 4], t[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([3, 4, 1], t[0, TensorIndex.Ellipsis, TensorIndex.Null].shape);
        Assert.Equal([2, 3, 0], t[.., .., 4..].shape);
    }

    [Fact]
    public void Views_share_memory()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        t[1, 1].fill_(-1);
        t[.., 0, 0] = 50f;
        Assert.Equal([50f, 50f], t[.., 0, 0].data<float>().ToArray());
        Assert.Equal(-4f, t[1, 1].sum().item<float>());
    }

    [Fact]
    public void Tensors_gather_along_a_dimension()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        Tensor rows = tensor(new long[] { 2, 0, 2 });
        Assert.Equal([2, 3, 4], t[TensorIndex.Colon, TensorIndex.Tensor(rows)].shape);
        Assert.Equal([8f, 0f, 8f], t[0, TensorIndex.Tensor(rows), 0].data<float>().ToArray());
        Assert.Equal([11f, 1f], t[0][tensor(new long[] { 2, 0 }), tensor(new long[] { 3, 1 })].data<float>().ToArray());
        Assert.Equal(3, t.index_select(1, rows).shape[1]);
        Assert.Equal([5f], t[0, 1, TensorIndex.Tensor(tensor(new long[] { 1 }))].data<float>().ToArray());
    }

    [Fact]
    public void Masks_choose_elements()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        Assert.Equal([22f, 23f], t[t > 21].data<float>().ToArray());
        Assert.Equal([22f, 23f], t.masked_select(t > 21).data<float>().ToArray());
        t[t > 3] = 0f;
        Assert.Equal(6f, t.sum().item<float>());
    }

    [Fact]
    public void Values_are_broadcast_into_the_chosen_place()
    {
        using var scope = NewDisposeScope();
        Tensor t = zeros(2, 3);
        t[0] = tensor(new[] { 1f, 2f, 3f });
        t[.., 1] = tensor(9.0);
        t[1, 2] = tensor(7);
        t[1, 2..] = tensor(new float[,,] { { { 7 } } });
        Assert.Equal([1f, 9f, 3f, 0f, 9f, 7f], t.data<float>().ToArray());
        t.index_put_(tensor(new[] { 1f, 1f, 1f }), [tensor(new long[] { 0, 0, 1 }), tensor(new long[] { 0, 0, 1 })], accumulate: true);
        Assert.Equal([3f, 9f, 3f, 0f, 10f, 7f], t.data<float>().ToArray());
    }

    [Fact]
    public void Gather_and_scatter_are_inverse()
    {
        using var scope = NewDisposeScope();
        Tensor t = tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Tensor order = tensor(new long[,] { { 2, 0, 1 }, { 1, 2, 0 } });
        Tensor gathered = t.gather(1, order);
        Assert.Equal([3f, 1f, 2f, 5f, 6f, 4f], gathered.data<float>().ToArray());
        Assert.True(zeros(2, 3).scatter(1, order, gathered).allclose(t));
        Assert.Equal([6f, 15f], zeros(2, 1).scatter_add_(1, zeros(2, 3, dtype: int64), t).data<float>().ToArray());
    }

    [Fact]
    public void Shapes_change_without_copying_where_they_can()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        Assert.Equal([4, 3, 2], t.permute(2, 1, 0).shape);
        Assert.False(t.transpose(0, 2).is_contiguous());
        Assert.True(t.transpose(0, 2).contiguous().is_contiguous());
        Assert.Equal([2, 12], t.flatten(1).shape);
        Assert.Equal([2, 3, 2, 2], t.unflatten(2, 2, 2).shape);
        Assert.Equal([2, 1, 3, 4], t.unsqueeze(1).shape);
        Assert.Equal([2, 3, 4], t.unsqueeze(1).squeeze(1).shape);
        Assert.Equal([5, 2, 3, 4], t.expand(5, -1, -1, -1).shape);
        Assert.Equal([4, 3, 4], t.repeat(2, 1, 1).shape);
        Assert.Equal([12, 4, 1], t.stride());
        Assert.Equal(3, t.size(-2));
        Assert.Equal([2, 2, 4], t.narrow(1, 1, 2).shape);
        Assert.Equal([2, 3, 3, 2], t.unfold(2, 2, 1).shape);
        Assert.Equal(12, t[1].storage_offset());
    }

    [Fact]
    public void Splitting_and_joining_are_inverse()
    {
        using var scope = NewDisposeScope();
        Tensor t = Numbers();
        Assert.True(cat(t.split(1, 2), 2).allclose(t));
        Assert.True(cat(t.split([1, 3], 2), 2).allclose(t));
        Assert.True(cat(t.chunk(3, 1), 1).allclose(t));
        Assert.True(stack(t.unbind(1), 1).allclose(t));
        Assert.Equal([4, 3, 4], vstack([t, t]).shape);
        Assert.Equal([2, 6, 4], hstack(t, t).shape);
        Assert.Equal([1, 3], t.split([1, 3], 2).Select(p => p.shape[2]));
    }

    [Fact]
    public void Triangles_flips_and_rolls_move_elements()
    {
        using var scope = NewDisposeScope();
        Tensor t = arange(4, dtype: float32).view(2, 2);
        Assert.Equal([0f, 0f, 2f, 3f], t.tril().data<float>().ToArray());
        Assert.Equal([0f, 1f, 0f, 0f], t.triu(1).data<float>().ToArray());
        Assert.Equal([1f, 0f, 3f, 2f], t.flip(1).data<float>().ToArray());
        Assert.Equal([2f, 3f, 0f, 1f], t.roll(1, 0).data<float>().ToArray());
        Assert.Equal([0f, 3f], t.diagonal().data<float>().ToArray());
        Assert.Equal([0f, 0f, 1f, 1f, 2f, 2f, 3f, 3f], t.repeat_interleave(2).data<float>().ToArray());
    }
}
