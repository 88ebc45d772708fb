using ContextAware.Randomness;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Randomness;

public class DropoutMaskTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_right_share_is_dropped_everywhere_and_the_rest_scaled(double share)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var dropped = DropoutMask.Apply(ones(1000, 1000), share);
        var values = dropped.data<float>().ToArray();
        Assert.Equal([0, (float)DropoutMask.Factor(share)], values.Distinct().Order());
        Assert.Equal(1, DropoutMask.Factor(share) * (1 - share), 1e-4);
        // Every place of the sixteen that are drawn at once, and every pair of neighbours, as often as chance has it.
        for (var place = 0; place < 16; place++) Near(share, values.Where((_, i) => i % 16 == place));
        Near(share * share, values.Zip(values.Skip(1), MathF.Max));
        Near(share * share, values.Zip(values.Skip(16), MathF.Max));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(100)]
    public void Any_size_can_be_dropped_from(int size)
    {
        using var scope = NewDisposeScope();
        var values = DropoutMask.Apply(full([size], 3f), 0.25).data<float>().ToArray();
        Assert.Equal(size, values.Length);
        Assert.All(values, value => Assert.True(value is 0 or 4));
        Assert.All(DropoutMask.Spared([size], 0.25, CPU).bytes.ToArray(), value => Assert.InRange(value, 0, 1));
    }

    [Fact]
    public void A_seed_gives_the_same_again_and_the_next_draw_another()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        var (first, second, spared) = (DropoutMask.Apply(ones(1000), 0.5), DropoutMask.Apply(ones(1000), 0.5), DropoutMask.Spared([1000], 0.5, CPU));
        Assert.InRange(first.eq(second).sum().item<long>(), 400, 600);
        random.manual_seed(5);
        TensorAssert.Equal(first, DropoutMask.Apply(ones(1000), 0.5));
        TensorAssert.Equal(second, DropoutMask.Apply(ones(1000), 0.5));
        TensorAssert.Equal(spared, DropoutMask.Spared([1000], 0.5, CPU));
    }

    [Fact]
    public void In_float64_the_factor_is_not_rounded()
    {
        using var scope = NewDisposeScope();
        var x = full([1000], 1.25, float64);
        Assert.Equal([0, 1.25 * DropoutMask.Factor(0.1)], DropoutMask.Apply(x, 0.1).data<double>().ToArray().Distinct().Order());
    }

    [Fact]
    public void What_is_spared_are_the_right_shares()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        foreach (var share in new[] { 0, 0.1, 0.7, 1 })
            Near(share, DropoutMask.Spared([1000, 1000], share, CPU).data<bool>().ToArray().Select(spared => spared ? 1f : 0));
    }

    [Fact]
    public void At_the_ends_nothing_or_everything_goes()
    {
        using var scope = NewDisposeScope();
        var x = randn(100);
        TensorAssert.Equal(x, DropoutMask.Apply(x, 0));
        TensorAssert.Equal(zeros(100), DropoutMask.Apply(x, 1));
        Assert.Equal(0, DropoutMask.Factor(1));
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void Gradients_pass_what_is_left_by_its_factor_in_any_type(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = randn(1000).to(type).requires_grad_();
        var y = DropoutMask.Apply(x, 0.5);
        Assert.Equal(type, y.dtype);
        y.sum().backward();
        TensorAssert.Equal(y.ne(0).to(type) * 2, x.grad!);
        TensorAssert.Equal(x.detach() * x.grad!, y.detach());
    }

    // Within five standard deviations.
    private static void Near(double share, IEnumerable<float> values)
    {
        var all = values.ToArray();
        Assert.InRange(all.Count(value => value == 0) - (share * all.Length), -5 * Math.Sqrt(all.Length * share * (1 - share)) - 0.00001 * all.Length, 5 * Math.Sqrt(all.Length * share * (1 - share)) + 0.00001 * all.Length);
    }
}
