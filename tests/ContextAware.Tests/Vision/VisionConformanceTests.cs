using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

/// <summary>What all modules over feature maps have in common.</summary>
public class VisionConformanceTests
{
    public static TheoryData<string> Names => VisionModules.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void It_owes_what_every_module_owes(string name)
    {
        manual_seed(20240229);
        VisionModules.All[name].Conformance.Run();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_runs_on_cuda(string name) => VisionModules.All[name].Conformance.RunOnCuda();

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_right(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (create, channels, _) = VisionModules.All[name];
        foreach (var (height, width) in new[] { (5L, 3L), (1L, 2L) })
        {
            using var module = create();
            using (no_grad())
            {
                foreach (var parameter in module.parameters())
                    parameter.add_(randn(parameter.shape) * 0.3);
            }
            module.eval();
            GradientCheck.Module(module, x => module.call(x[0]), randn(2, channels, height, width));
        }
    }

    [Theory]
    [InlineData("bottleneck")]
    [InlineData("coordinate")]
    public void Gradients_are_right_through_the_norms_of_training(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (create, channels, _) = VisionModules.All[name];
        using var module = create();
        var input = randn(3, channels, 5, 3, ScalarType.Float64);
        module.to(ScalarType.Float64);
        GradientCheck.Function(x => module.call(x[0]), input);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_takes_its_place_between_other_layers(string name)
    {
        using var scope = NewDisposeScope();
        var (create, channels, _) = VisionModules.All[name];
        using var network = nn.Sequential(
            ("conv", nn.Conv2d(2, channels, 3L, padding: 1)), ("block", create()), ("pool", nn.AdaptiveAvgPool2d(1)));
        var output = network.call(randn(2, 2, 7, 5));
        TensorAssert.Shape([2, channels, 1, 1], output);
        output.sum().backward();
        Assert.All(network.named_parameters(), item => Assert.NotNull(item.parameter.grad));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maps_of_any_size_and_layout_will_do(string name)
    {
        using var scope = NewDisposeScope();
        using var evaluation = no_grad();
        var (create, channels, _) = VisionModules.All[name];
        using var module = create();
        module.eval();
        foreach (var (batch, height, width) in new[] { (1L, 1L, 1L), (3L, 7L, 1L), (1L, 1L, 5L), (0L, 3L, 2L) })
        {
            var input = randn(batch, height, width, channels).permute(0, 3, 1, 2);
            var output = module.call(input);
            TensorAssert.Shape([batch, channels, height, width], output);
            TensorAssert.Close(module.call(input.contiguous()), output, 1e-4, 1e-5);
        }
    }
}
