using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class CreationTests
{
    [Fact]
    public void Arrays_become_tensors_of_their_element_type_and_shape()
    {
        using var scope = NewDisposeScope();
        Assert.Equal((uint8, 1L), Kind(tensor(new byte[] { 1 })));
        Assert.Equal((int8, 1L), Kind(tensor(new sbyte[] { 1 })));
        Assert.Equal((int16, 1L), Kind(tensor(new short[] { 1 })));
        Assert.Equal((int32, 1L), Kind(tensor(new[] { 1 })));
        Assert.Equal((int64, 1L), Kind(tensor(new[] { 1L })));
        Assert.Equal((float16, 1L), Kind(tensor(new[] { (Half)1 })));
        Assert.Equal((bfloat16, 1L), Kind(tensor(new[] { new BFloat16(1) })));
        Assert.Equal((float32, 2L), Kind(tensor(new float[,] { { 1, 2 } })));
        Assert.Equal((float64, 3L), Kind(tensor(new double[1, 2, 3])));
        Assert.Equal((@bool, 4L), Kind(tensor(new bool[1, 2, 3, 4])));
        Assert.Equal((float32, 0L), Kind(tensor(1f)));
        Assert.Equal((int64, 0L), Kind(tensor(1L)));
        Assert.Equal((float64, 1L), Kind(tensor(new[] { 1, 2 }, dtype: float64)));

        static (ScalarType, long) Kind(Tensor tensor) => (tensor.dtype, tensor.ndim);
    }

    [Fact]
    public void Arrays_are_copied()
    {
        using var scope = NewDisposeScope();
        var array = new[] { 1f, 2f };
        Tensor tensor = torch.tensor(array);
        array[0] = 9;
        Assert.Equal(1f, tensor[0].item<float>());
    }

    [Fact]
    public void Flat_arrays_take_a_shape()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        Assert.Equal([2, 3], a.shape);
        Assert.Equal(6f, a[1, 2].item<float>());
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f }, new long[] { 3 }));
    }

    [Fact]
    public void Sequences_have_the_type_of_their_bounds()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0L, 1L, 2L], arange(3).data<long>().ToArray());
        Assert.Equal([1f, 1.5f], arange(1.0, 2.0, 0.5).data<float>().ToArray());
        Assert.Equal([0.0, 0.5, 1.0], linspace(0, 1, 3, dtype: float64).data<double>().ToArray());
        Assert.Equal([1f, 0f, 0f, 1f], eye(2).data<float>().ToArray());
    }

    [Fact]
    public void Filled_tensors_have_the_wanted_shape_type_and_value()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 3], zeros(2, 3).shape);
        Assert.Equal([2, 3, 4, 5], ones([2L, 3, 4, 5]).shape);
        Assert.Equal(int64, full(2, 7).dtype);
        Assert.Equal(float32, full(2, 7.5).dtype);
        Assert.Equal(float64, full([2L], 7, dtype: float64).dtype);
        Assert.Equal([3], empty(3).shape);
        Tensor like = zeros(2, 2, dtype: float64).full_like(3);
        Assert.Equal(float64, like.dtype);
        Assert.Equal([3.0, 3.0, 3.0, 3.0], like.data<double>().ToArray());
        Assert.Equal(int32, ones_like(like, dtype: int32).dtype);
        Assert.True(rand(4, requires_grad: true).requires_grad);
    }

    [Fact]
    public void Equal_seeds_give_equal_numbers()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        Tensor first = randn(10);
        manual_seed(5);
        Assert.True(first.allclose(randn(10)));
        using var generator = new Generator(3);
        using var same = new Generator(3);
        Assert.True(rand(10, generator: generator).allclose(rand(10, generator: same)));
        Assert.False(rand(10, generator: generator).allclose(randn(10, generator: same)));
        Assert.Equal(3, same.initial_seed());
    }

    [Fact]
    public void Random_numbers_keep_to_their_range()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor integers = randint(3, 7, [1000]);
        Assert.Equal(int64, integers.dtype);
        Assert.Equal(3, integers.min().item<long>());
        Assert.Equal(6, integers.max().item<long>());
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), randperm(50).sort().Values.data<long>());
        Tensor draws = tensor(new[] { 0f, 0.25f, 0.75f }).multinomial(2);
        Assert.Equal([1L, 2L], draws.sort().Values.data<long>());
        Assert.Equal([0f, 1f], bernoulli(tensor(new[] { 0f, 1f })).data<float>());
        Assert.InRange(zeros(10000).normal_(2, 3).mean().item<float>(), 1.8, 2.2);
    }

    [Fact]
    public void The_default_type_can_be_changed()
    {
        Assert.Equal(float32, get_default_dtype());
        set_default_dtype(float64);
        try {
            using Tensor a = zeros(1);
            Assert.Equal(float64, a.dtype);
        } finally {
            set_default_dtype(float32);
        }
    }
}
