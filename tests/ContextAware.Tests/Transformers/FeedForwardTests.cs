using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

public class FeedForwardTests
{
    private const int D = 5, F = 7;

    private static ModuleConformance<FeedForward> Conformance => new()
    {
        Create = () => new FeedForward(D, F, Activation.Gelu, dropout: 0.3),
        Inputs = () => [randn(2, 3, D)],
        Forward = (m, x) => [m.call(x[0])],
        OutputShapes = [[2, 3, D]],
        Parameters = """
            linear1.weight [7, 5]
            linear1.bias [7]
            linear2.weight [5, 7]
            linear2.bias [5]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    // x·Φ(x) and x·σ(x) with digits from tables.
    [Theory]
    [InlineData(Activation.Relu, -1, 0)]
    [InlineData(Activation.Relu, 2, 2)]
    [InlineData(Activation.Gelu, 1, 0.8413447460685429)]
    [InlineData(Activation.Gelu, -1, -0.15865525393145707)]
    [InlineData(Activation.GeluTanh, 1, 0.8411919906082768)]
    [InlineData(Activation.GeluTanh, -1, -0.15880800939172324)]
    [InlineData(Activation.Silu, 1, 0.7310585786300049)]
    [InlineData(Activation.Silu, -1, -0.2689414213699951)]
    public void Activations_are_those_of_the_papers(Activation activation, double x, double expected)
    {
        using var scope = NewDisposeScope();
        using var identity = new FeedForward(1, 1, activation, bias: false);
        identity.to(ScalarType.Float64);
        nn.init.ones_(identity.First.weight);
        nn.init.ones_(identity.Second.weight);
        var input = tensor(new[] { x });
        TensorAssert.Close(new[] { expected }, identity.call(input), 0, 1e-12);
        using (no_grad())
            TensorAssert.Close(new[] { expected }, identity.call(input), 0, 1e-12, "in place");
        TensorAssert.Equal(tensor(new[] { x }), input, "the input");
    }

    [Theory]
    [MemberData(nameof(Naive.Activations), MemberType = typeof(Naive))]
    public void It_is_what_loops_give(Activation activation, bool bias)
    {
        using var scope = NewDisposeScope();
        using var network = new FeedForward(D, F, activation, bias: bias);
        network.to(ScalarType.Float64);
        var input = randn(2, 3, D, ScalarType.Float64);
        var expected = Naive.Linear(Naive.Map(Naive.Linear(input, network.First), Naive.Of(activation)), network.Second);
        TensorAssert.Close(expected, network.call(input).view(6, D), 1e-10, 1e-12);
    }

    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Gelu)]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.Silu)]
    public void Gradients_are_right(Activation activation)
    {
        using var scope = NewDisposeScope();
        using var network = new FeedForward(3, 4, activation);
        GradientCheck.Module(network, x => network.call(x[0]), randn(2, 3));
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var network = new FeedForward(D, 64, dropout: 0.5);
        var input = randn(2, D);
        Assert.False(network.call(input).allclose(network.call(input)));
        network.eval();
        TensorAssert.Equal(network.call(input), network.call(input));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new FeedForward(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>("hidden", () => new FeedForward(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => new FeedForward(3, 3, dropout: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>("activation", () => new FeedForward(3, 3, (Activation)9));
        using var network = new FeedForward(D, F);
        Assert.Throws<ArgumentNullException>("input", () => network.call(null!));
        var shape = Assert.Throws<ArgumentException>("input", () => network.call(zeros(2, 3)));
        Assert.Contains("D = 5, got [2, 3]", shape.Message, StringComparison.Ordinal);
    }
}
