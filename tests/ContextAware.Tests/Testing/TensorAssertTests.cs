using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Testing;

public class TensorAssertTests
{
    [Fact]
    public void Close_names_shape_worst_element_and_both_values()
    {
        using var scope = NewDisposeScope();
        var expected = tensor([1.0, 2, 3, 4, 5, 6], [2, 3]);
        var actual = tensor([1.0, 2, 3.5, 4, 5, 8], [2, 3]);
        Assert.Equal("actual, shape [2, 3]: 2 of 6 elements differ; worst at [1, 2]: expected 6, actual 8, off by 2 (allowed 0.1)",
            Failure.Of(() => TensorAssert.Close(expected, actual, rtol: 0, atol: 0.1)));
    }

    [Fact]
    public void Close_allows_what_is_within_either_tolerance()
    {
        double[] expected = [100, 0], actual = [100.9, 0.009];
        TensorAssert.Close(expected, actual, rtol: 0.01, atol: 0.01);
        Assert.NotEmpty(Failure.Of(() => TensorAssert.Close(expected, actual, rtol: 0.001, atol: 0.01)));
        Assert.NotEmpty(Failure.Of(() => TensorAssert.Close(expected, actual, rtol: 0.01, atol: 0.001)));
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(1, double.NaN)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(1, double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity, double.PositiveInfinity)]
    public void Close_refuses_what_is_not_finite(double expected, double actual)
        => Assert.Contains("1 of 1 elements differ", Failure.Of(() => TensorAssert.Close(new[] { expected }, new[] { actual }, 1e9, 1e9)));

    [Fact]
    public void Close_takes_equal_infinities()
        => TensorAssert.Close(new[] { double.NegativeInfinity }, new[] { double.NegativeInfinity });

    [Fact]
    public void Close_compares_shapes_first()
    {
        using var actual = zeros(2, 3);
        Assert.Equal("actual: expected shape [3, 2], actual shape [2, 3]", Failure.Of(() => TensorAssert.Close(new double[3, 2], actual)));
    }

    [Fact]
    public void Close_reads_a_transposed_tensor_in_its_own_order()
    {
        using var scope = NewDisposeScope();
        TensorAssert.Close(new double[,] { { 1, 4 }, { 2, 5 }, { 3, 6 } }, tensor([1.0, 2, 3, 4, 5, 6], [2, 3]).t());
    }

    [Fact]
    public void Equal_wants_the_type_and_every_bit_but_takes_nan()
    {
        using var scope = NewDisposeScope();
        var numbers = tensor([1.0, double.NaN]);
        TensorAssert.Equal(numbers, numbers.clone());
        Assert.Contains("expected type Float64, actual type Float32", Failure.Of(() => TensorAssert.Equal(numbers, numbers.to(ScalarType.Float32))));
        Assert.Contains("worst at [0]", Failure.Of(() => TensorAssert.Equal(numbers, numbers + 1e-15)));
    }

    [Fact]
    public void All_zero_and_all_finite_point_at_the_first_offender()
    {
        using var scope = NewDisposeScope();
        var numbers = tensor([0.0, 0, double.NaN, 1], [2, 2]);
        TensorAssert.AllZero(zeros(3));
        TensorAssert.AllFinite(zeros(3));
        Assert.Equal("numbers, shape [2, 2]: 2 of 4 elements are not zero; first at [1, 0]: NaN", Failure.Of(() => TensorAssert.AllZero(numbers)));
        Assert.Equal("numbers, shape [2, 2]: 1 of 4 elements are not finite; first at [1, 0]: NaN", Failure.Of(() => TensorAssert.AllFinite(numbers)));
    }

    [Fact]
    public void Empty_tensors_are_close_zero_and_finite()
    {
        using var empty = zeros(0, 3);
        TensorAssert.Close(new double[0, 3], empty);
        TensorAssert.AllZero(empty);
        TensorAssert.AllFinite(empty);
    }

    [Fact]
    public void Arrays_go_to_tensors_and_back()
    {
        using var scope = NewDisposeScope();
        var cube = new double[,,] { { { 1, 2 }, { 3, 4 }, { 5, 6 } } };
        var there = TensorArrays.From(cube, ScalarType.Float32);
        TensorAssert.Shape([1, 3, 2], there);
        Assert.Equal(cube, TensorArrays.Cube(there));
        Assert.Equal([1.0, 2, 3, 4, 5, 6], TensorArrays.Flat(there));
        Assert.True(TensorArrays.Booleans(TensorArrays.From(new[,,,] { { { { false, true } } } }, ScalarType.Bool))[0, 0, 0, 1]);
        Assert.Contains("Expected 2 dimensions, got [1, 3, 2]", Failure.Of(() => TensorArrays.Matrix(there)));
    }
}
