using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Masking;

public class MaskedSoftmaxTests
{
    [Fact]
    public void Weights_are_shared_among_what_is_allowed()
    {
        using var scope = NewDisposeScope();
        var scores = log(tensor(new[] { 1.0, 2, 3, 4, 5, 6 }).view(2, 3));
        var allowed = tensor(new[] { true, false, true, true, true, true }).view(2, 3);
        Assert.Equal([0.25, 0, 0.75, 4 / 15.0, 5 / 15.0, 6 / 15.0], Values(MaskedSoftmax.Apply(scores, allowed)), Close);
        Assert.Equal([1 / 6.0, 2 / 6.0, 3 / 6.0, 4 / 15.0, 5 / 15.0, 6 / 15.0], Values(MaskedSoftmax.Apply(scores, null)), Close);
    }

    [Fact]
    public void A_row_with_nothing_allowed_gives_zeros_and_no_gradient_even_over_nan()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[] { double.NaN, double.PositiveInfinity, 1, 2, double.NaN, 3 }).view(2, 3).requires_grad_();
        var allowed = tensor(new[] { false, false, false, true, false, true }).view(2, 3);
        var weights = MaskedSoftmax.Apply(scores, allowed);
        Assert.Equal([0, 0, 0, 1 / (1 + Math.E), 0, Math.E / (1 + Math.E)], Values(weights), Close);

        using (autograd.detect_anomaly())
            (weights * tensor(new[] { 1.0, 2, 3, 4, 5, 6 }).view(2, 3)).sum().backward();
        var slope = 2 * Math.E / Math.Pow(1 + Math.E, 2);
        Assert.Equal([0, 0, 0, -slope, 0, slope], Values(scores.grad!), Close);
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1f, 0, 0], MaskedSoftmax.Apply(tensor(new[] { 3e38f, -3e38f, 0 }), null).data<float>().ToArray());
        Assert.Equal([0f, 1, 0], MaskedSoftmax.Apply(tensor(new[] { 3e38f, -3e38f, 0 }), tensor(new[] { false, true, false })).data<float>().ToArray());
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, 4e-3)]
    [InlineData(ScalarType.Float16, 5e-4)]
    public void Half_precision_loses_no_more_than_its_rounding(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        var scores = arange(64, float32).view(1, 64).mul(0.37f).sin().mul(9).to(type);
        var expected = scores.to(float64).softmax(-1);
        var weights = MaskedSoftmax.Apply(scores, null);
        Assert.Equal(type, weights.dtype);
        Assert.True((weights.to(float64) - expected).abs().max().item<double>() < tolerance * expected.max().item<double>());
    }

    [Fact]
    public void Empty_sizes_pass_through()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 0, 3], MaskedSoftmax.Apply(zeros(2, 0, 3), ones(2, 1, 3, @bool)).shape);
        Assert.Equal([2, 3, 0], MaskedSoftmax.Apply(zeros(2, 3, 0), ones(2, 1, 0, @bool)).shape);
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-12;

    private static double[] Values(Tensor tensor) => tensor.data<double>().ToArray();
}
