using ContextAware.Loops;
using ContextAware.Products;
using ContextAware.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Tests.Products;

/// <summary>Products with a copy of a weight by themselves.</summary>
[Collection(nameof(Interop.GlobalRandomNumbers))]       // one test sets how many threads there are
public class PackedMatrixTests
{
    public PackedMatrixTests() => Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");

    [Theory]
    [InlineData(2, 5, 9, true)]
    [InlineData(24, 1, 1, false)]
    [InlineData(25, 7, 15, true)]
    [InlineData(30, 96, 16, true)]
    [InlineData(48, 33, 17, false)]
    [InlineData(64, 512, 33, true)]         // one slice of summands
    [InlineData(29, 513, 40, true)]         // and one more
    [InlineData(50, 1100, 9, false)]
    [InlineData(200, 130, 300, true)]       // shared by threads, in pieces
    [InlineData(1100, 9, 20, true)]         // more rows than are taken at once
    [InlineData(90, 13000, 5, true)]        // rows so long that fewer are taken at once
    public void It_gives_the_sums_that_float64_gives(int rows, int inputs, int outputs, bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        random.manual_seed(rows + inputs);
        var (input, weight, bias) = (randn(rows, inputs), randn(outputs, inputs), hasBias ? randn(outputs) : null);
        var expected = input.to(ScalarType.Float64).matmul(weight.to(ScalarType.Float64).t());
        if (bias is not null) expected = expected + bias.to(ScalarType.Float64);
        var tolerance = 1e-5 * Math.Sqrt(inputs);
        Assert.True(PackedMatrix.Add(weight));
        TensorAssert.Close(expected, PackedMatrix.Apply(input, weight, bias)!.to(ScalarType.Float64), 1e-5, tolerance);
        TensorAssert.Close(expected.clamp_min(0), PackedMatrix.Apply(input, weight, bias, relu: true)!.to(ScalarType.Float64), 1e-5, tolerance);
        PackedMatrix.Remove(weight);
        Assert.Null(PackedMatrix.Apply(input, weight, bias));
    }

    [Fact]
    public void Shapes_strides_and_the_order_of_the_weight_do_not_matter()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        random.manual_seed(1);
        var (input, weight) = (randn(5, 20, 6).transpose(0, 2), randn(20, 5).t());      // [6, 20, 5], [5, 20]
        input = input.transpose(1, 2);                                                  // [6, 5, 20]
        Assert.True(PackedMatrix.Add(weight));
        TensorAssert.Close(nn.functional.linear(input, weight), PackedMatrix.Apply(input, weight, null)!, 1e-5, 1e-5);
        PackedMatrix.Remove(weight);
    }

    [Fact]
    public void Outputs_from_a_panel_on_are_had_by_themselves()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        random.manual_seed(2);
        var first = TileProduct.Panel;
        var (input, weight, bias) = (randn(40, 12), randn(first + 25, 12), randn(first + 25));
        Assert.True(PackedMatrix.Add(weight));
        var all = PackedMatrix.Apply(input, weight, bias)!;
        TensorAssert.Equal(all.narrow(1, first, 20), PackedMatrix.Apply(input, weight, bias, relu: false, first, 20)!);
        TensorAssert.Equal(all.narrow(1, first, 25), PackedMatrix.Apply(input, weight, bias, relu: false, first)!);
        Assert.Null(PackedMatrix.Apply(input, weight, bias, relu: false, 3, 20));
        PackedMatrix.Remove(weight);
    }

    [Fact]
    public void A_row_comes_out_the_same_beside_any_others_and_with_any_threads()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        random.manual_seed(3);
        var (input, weight) = (randn(700, 140), randn(150, 140));
        Assert.True(PackedMatrix.Add(weight));
        var all = PackedMatrix.Apply(input, weight, null)!;
        TensorAssert.Equal(all.narrow(0, 301, 31), PackedMatrix.Apply(input.narrow(0, 301, 31), weight, null)!);
        var threads = get_num_threads();
        try
        {
            foreach (var number in new[] { 1, 2, 5 })
            {
                set_num_threads(number);
                TensorAssert.Equal(all, PackedMatrix.Apply(input, weight, null)!);
            }
        }
        finally
        {
            set_num_threads(threads);
        }
        PackedMatrix.Remove(weight);
    }

    [Fact]
    public void What_is_no_number_stays_so_and_in_its_row()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (input, weight) = (ones(26, 3), ones(17, 3));
        input[25, 1] = float.NaN;
        Assert.True(PackedMatrix.Add(weight));
        foreach (var relu in new[] { false, true })
        {
            var result = PackedMatrix.Apply(input, weight, null, relu)!;
            Assert.Equal(17, result.isnan().sum().item<long>());
            TensorAssert.Equal(full([25, 17], 3f), result.narrow(0, 0, 25));
        }
        PackedMatrix.Remove(weight);
    }

    [Fact]
    public void A_weight_of_another_size_is_not_the_one_that_was_copied()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weight = zeros(4, 3);
        Assert.True(PackedMatrix.Add(weight));
        weight.set_(zeros(2, 3));
        Assert.Throws<InvalidOperationException>(() => PackedMatrix.Apply(ones(5, 3), weight, null));
        PackedMatrix.Remove(weight);
    }

    [Fact]
    public void Where_it_can_not_serve_there_is_no_copy_or_no_product()
    {
        using var scope = NewDisposeScope();
        Assert.False(PackedMatrix.Add(randn([4, 3], ScalarType.Float64)));
        Assert.False(PackedMatrix.Add(randn(4)));
        Assert.False(PackedMatrix.Add(randn(4, 0)));
        Assert.False(PackedMatrix.Add(randn(4, 6).slice(1, 0, 6, 2)));
        var weight = randn(4, 3);
        Assert.True(PackedMatrix.Add(weight));
        Assert.False(PackedMatrix.Add(weight));
        Assert.Null(PackedMatrix.Apply(randn(30, 3), weight, null));                    // gradients may be wanted
        using var noGradient = no_grad();
        Assert.NotNull(PackedMatrix.Apply(randn(30, 3), weight, null));
        Assert.Null(PackedMatrix.Apply(randn(1, 3), weight, null));
        Assert.Null(PackedMatrix.Apply(randn(30, 4), weight, null));
        Assert.Null(PackedMatrix.Apply(randn([30, 3], ScalarType.Float64), weight, null));
        Assert.Null(PackedMatrix.Apply(randn(Array.Empty<long>()), weight, null));
        PackedMatrix.Remove(weight);
        PackedMatrix.Remove(weight);
    }
}
