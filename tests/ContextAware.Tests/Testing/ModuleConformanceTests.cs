using ContextAware.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Tests.Testing;

public class ModuleConformanceTests
{
    private const string Names = """
        scale [3]
        linear.weight [2, 3]
        linear.bias [2]
        """;

    [Fact]
    public void A_sound_module_passes() => For(() => new Sample()).Run();

    [Fact]
    public void A_sound_module_passes_on_cuda() => For(() => new Sample()).RunOnCuda();

    [Fact]
    public void A_wrong_shape_fails()
        => Assert.Equal("Sample, output shapes: output 0: expected shape [5, 7], actual shape [5, 2] (seed 20240229)", Failure.Of(For(() => new Sample(), shape: [5, 7]).Run));

    [Fact]
    public void A_renamed_parameter_fails()
        => Assert.StartsWith("Sample, parameter names: ", Failure.Of(For(() => new Sample(), names: Names.Replace("scale", "gain", StringComparison.Ordinal)).Run), StringComparison.Ordinal);

    [Theory]
    [InlineData(Fault.NotFinite, "Sample, output shapes: output 0, shape [5, 2]: 10 of 10 elements are not finite")]
    [InlineData(Fault.HiddenState, "Sample, state dict: the output after load_state_dict")]
    [InlineData(Fault.RandomInEval, "Sample, state dict: the output after load_state_dict")]
    [InlineData(Fault.DetachedInput, "Sample, gradients: No gradient reached input 0")]
    [InlineData(Fault.TiedToScope, "Sample, output shapes: ")]
    [InlineData(Fault.DetachedParameter, "Sample, gradients: No gradient reached parameter 'scale'")]
    [InlineData(Fault.ZeroGradient, "Sample, gradients: The gradient of parameter 'scale' is all zero")]
    [InlineData(Fault.Float32Only, "Sample, bfloat16: output 0: expected type BFloat16, actual type Float32")]
    [InlineData(Fault.LeavesTensors, "Sample, scope: Forward left 3 tensors to its caller, but returned 1")]
    [InlineData(Fault.KeepsTensors, "Sample, leaks: +10 live tensors after 10 rounds (+1 a round)")]
    public void A_fault_is_found_and_named(Fault fault, string message)
        => Assert.StartsWith(message, Failure.Of(For(() => new Sample(fault)).Run), StringComparison.Ordinal);

    [Fact]
    public void What_rightly_has_no_gradient_can_be_named()
    {
        For(() => new Sample(Fault.DetachedInput), inputsWithoutGradient: [0]).Run();
        For(() => new Sample(Fault.DetachedParameter), parametersWithoutGradient: ["scale"]).Run();
    }

    private static ModuleConformance<Sample> For(Func<Sample> create, long[]? shape = null, string names = Names,
        int[]? inputsWithoutGradient = null, string[]? parametersWithoutGradient = null) => new()
        {
            Create = create,
            Inputs = () => [randn(5, 3)],
            Forward = (module, inputs) => [module.call(inputs[0])],
            OutputShapes = [shape ?? [5, 2]],
            Parameters = names,
            InputsWithoutGradient = inputsWithoutGradient ?? [],
            ParametersWithoutGradient = parametersWithoutGradient ?? [],
        };

    public enum Fault
    {
        None, NotFinite, HiddenState, RandomInEval, DetachedInput, DetachedParameter, ZeroGradient, Float32Only, LeavesTensors, KeepsTensors, TiedToScope,
    }

    private sealed class Sample : nn.Module<Tensor, Tensor>
    {
        private static int made;

        private readonly Fault fault;
        private readonly int number = ++made;
        private readonly Parameter scale = new(ones(3));
        private readonly Linear linear = nn.Linear(3, 2);
        private readonly List<Tensor> kept = [];
        private int forwards;

        public Sample(Fault fault = Fault.None)
            : base(nameof(Sample))
        {
            this.fault = fault;
            if (fault != Fault.TiedToScope)
                scale.DetachFromDisposeScope();
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            if (fault == Fault.LeavesTensors)
                return linear.call(input * scale * 2);
            using var scope = NewDisposeScope();
            var x = fault == Fault.DetachedInput ? input.detach() : input;
            var factor = fault switch
            {
                Fault.DetachedParameter => scale.detach(),
                Fault.ZeroGradient => scale * 0 + 1,
                _ => scale,
            };
            var y = linear.call(x * factor);
            y = fault switch
            {
                Fault.NotFinite => y / 0,
                Fault.HiddenState => y * number,
                Fault.RandomInEval => y * rand(1),
                Fault.Float32Only => y.to(ScalarType.Float32),
                _ => y,
            };
            if (fault == Fault.KeepsTensors && forwards++ > 0)
                kept.Add(x.detach().DetachFromDisposeScope());
            return y.MoveToOuterDisposeScope();
        }
    }
}
