using ContextAware.Testing;
using ContextAware.Vision;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

public class NonLocalBlockTests
{
    [Theory]
    [InlineData(NonLocalKind.EmbeddedGaussian)]
    [InlineData(NonLocalKind.Dot)]
    public void It_starts_as_identity_and_learns(NonLocalKind kind)
    {
        using var scope = NewDisposeScope();
        using var module = new NonLocalBlock(7, kind: kind);
        var input = randn(2, 7, 5, 3);
        TensorAssert.Equal(input, module.call(input));
        (module.call(input) * randn(2, 7, 5, 3)).sum().backward();
        Assert.NotEqual(0, module.get_parameter("W.weight")!.grad!.abs().sum().item<float>());
    }

    [Theory]
    [InlineData(NonLocalKind.EmbeddedGaussian)]
    [InlineData(NonLocalKind.Dot)]
    public void The_output_is_the_same_with_weights(NonLocalKind kind)
    {
        using var scope = NewDisposeScope();
        using var module = new NonLocalBlock(7, kind: kind);
        using (no_grad())
            module.get_parameter("W.weight")!.normal_();
        var input = randn(2, 7, 5, 3);
        var (output, weights) = module.Attend(input, needWeights: true);
        TensorAssert.Shape([2, 15, 15], weights!);
        TensorAssert.Close(module.call(input), output, 1e-4, 1e-5);
        if (kind == NonLocalKind.EmbeddedGaussian)
            TensorAssert.Close(ones(2, 15), weights!.sum(-1L));
    }
}
