using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

public class RmsNormTests
{
    private static ModuleConformance<RmsNorm> Conformance => new()
    {
        Create = () => new RmsNorm(5),
        Inputs = () => [randn(2, 3, 5)],
        Forward = (m, x) => [m.call(x[0])],
        OutputShapes = [[2, 3, 5]],
        Parameters = "weight [5]",
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void Small_numbers_by_hand()
    {
        using var scope = NewDisposeScope();
        using var norm = new RmsNorm(2, epsilon: 0.5);
        norm.load_state_dict(new() { ["weight"] = tensor(new[] { 3f, 5f }) });
        // mean(1², 2²) + ½ = 3; mean(0, 0) + ½ = ½
        var (a, b) = (3 / Math.Sqrt(3), 10 / Math.Sqrt(3));
        TensorAssert.Close(new[,] { { a, b }, { 0, 0 } }, norm.call(tensor(new[,] { { 1f, 2f }, { 0f, 0f } })));
    }

    [Fact]
    public void Half_precision_is_computed_in_float32()
    {
        using var scope = NewDisposeScope();
        using var norm = new RmsNorm(2, epsilon: 0);
        norm.to(ScalarType.Float16);
        // 300² is beyond float16's range.
        var output = norm.call(tensor(new[] { 300f, -300f }).to(ScalarType.Float16));
        TensorAssert.Type(ScalarType.Float16, output);
        TensorAssert.Close(new[] { 1.0, -1.0 }, output, 1e-3, 0);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var scope = NewDisposeScope();
        using var norm = new RmsNorm([2, 3]);
        GradientCheck.Module(norm, x => norm.call(x[0]), randn(4, 2, 3));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new RmsNorm(0));
        Assert.Throws<ArgumentException>("shape", () => new RmsNorm([]));
        Assert.Throws<ArgumentOutOfRangeException>("shape", () => new RmsNorm([2, 0]));
        Assert.Throws<ArgumentNullException>("shape", () => new RmsNorm(null!));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => new RmsNorm(2, -1));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => new RmsNorm(2, double.NaN));
        using var norm = new RmsNorm([2, 3]);
        Assert.Throws<ArgumentNullException>("input", () => norm.call(null!));
        foreach (var shape in new long[][] { [3], [3, 3], [2, 2], [] })
        {
            var wrong = Assert.Throws<ArgumentException>("input", () => norm.call(zeros(shape)));
            Assert.Contains($"[..., 2, 3], got [{string.Join(", ", shape)}]", wrong.Message, StringComparison.Ordinal);
        }
    }
}
