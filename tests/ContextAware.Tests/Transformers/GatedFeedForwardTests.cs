using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

public class GatedFeedForwardTests
{
    private const int D = 5, F = 7;

    private static ModuleConformance<GatedFeedForward> Conformance => new()
    {
        Create = () => new GatedFeedForward(D, F, dropout: 0.3),
        Inputs = () => [randn(2, 3, D)],
        Forward = (m, x) => [m.call(x[0])],
        OutputShapes = [[2, 3, D]],
        Parameters = """
            gate_proj.weight [7, 5]
            up_proj.weight [7, 5]
            down_proj.weight [5, 7]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Theory]
    [MemberData(nameof(Naive.Activations), MemberType = typeof(Naive))]
    public void It_is_what_loops_give(Activation activation, bool bias)
    {
        using var scope = NewDisposeScope();
        using var network = new GatedFeedForward(D, F, activation, bias: bias);
        network.to(ScalarType.Float64);
        var input = randn(2, 3, D, ScalarType.Float64);
        var before = input.clone();
        var inner = Naive.Map(Naive.Linear(input, network.Gate), Naive.Of(activation));
        var up = Naive.Linear(input, network.Up);
        for (var n = 0; n < 6; n++)
            for (var f = 0; f < F; f++)
                inner[n, f] *= up[n, f];
        var expected = Naive.Linear(inner, network.Down);
        TensorAssert.Close(expected, network.call(input).view(6, D), 1e-10, 1e-12);
        using (no_grad())
            TensorAssert.Close(expected, network.call(input).view(6, D), 1e-10, 1e-12, "in place");
        TensorAssert.Equal(before, input, "the input");
    }

    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Gelu)]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.Silu)]
    public void Gradients_are_right(Activation activation)
    {
        using var scope = NewDisposeScope();
        using var network = new GatedFeedForward(3, 4, activation, bias: true);
        GradientCheck.Module(network, x => network.call(x[0]), randn(2, 3));
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var network = new GatedFeedForward(D, 64, dropout: 0.5);
        var input = randn(2, D);
        Assert.False(network.call(input).allclose(network.call(input)));
        network.eval();
        TensorAssert.Equal(network.call(input), network.call(input));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new GatedFeedForward(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>("hidden", () => new GatedFeedForward(3, -1));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => new GatedFeedForward(3, 3, dropout: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>("activation", () => new GatedFeedForward(3, 3, (Activation)(-1)));
        using var network = new GatedFeedForward(D, F);
        Assert.Throws<ArgumentNullException>("input", () => network.call(null!));
        var shape = Assert.Throws<ArgumentException>("input", () => network.call(zeros(5, 2)));
        Assert.Contains("D = 5, got [5, 2]", shape.Message, StringComparison.Ordinal);
    }
}
