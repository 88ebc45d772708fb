using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Testing;

/// <summary>
/// What every module owes: right shapes, approved parameter names, a state dict that carries it all, any order of its parameters in memory, determinism
/// in eval mode, gradients everywhere, half precision, no leaks. Fill in the members and call <see cref="Run"/>
/// in one test and <see cref="RunOnCuda"/> in another.
/// </summary>
/// <example><code>
/// private static ModuleConformance&lt;DotThing&gt; Conformance => new()
/// {
///     Create = () => new DotThing(5),
///     Inputs = () => [randn(2, 3, 5)],
///     Forward = (m, x) => [m.call(x[0])],
///     OutputShapes = [[2, 3, 7]],
///     Parameters = """
///         weight [7, 5]
///         bias [7]
///         """,
/// };
/// </code></example>
public sealed class ModuleConformance<TModule>
    where TModule : nn.Module
{
    /// <summary>Makes a module; two calls may give different weights.</summary>
    public required Func<TModule> Create { get; init; }

    /// <summary>Makes inputs. Floating ones are checked for gradients, and cast for half precision and CUDA.</summary>
    public required Func<Tensor[]> Inputs { get; init; }

    /// <summary>
    /// Runs the module on inputs of that order and returns every tensor that this made: one left over counts as a leak.
    /// </summary>
    public required Func<TModule, Tensor[], Tensor[]> Forward { get; init; }

    /// <summary>The shapes of the outputs.</summary>
    public required long[][] OutputShapes { get; init; }

    /// <summary>The state dict as approved text: a line each, "name [sizes]"; empty for a module without any.</summary>
    public required string Parameters { get; init; }

    /// <summary>Inputs (by position) that rightly get no gradient.</summary>
    public int[] InputsWithoutGradient { get; init; } = [];

    /// <summary>Parameters that rightly get no gradient.</summary>
    public string[] ParametersWithoutGradient { get; init; } = [];

    /// <summary>Whether to run in bfloat16 as well, and stay this close to float32. Null leaves it out.</summary>
    public double? HalfPrecisionTolerance { get; init; } = 0.1;

    /// <summary>What weights and inputs are drawn from, so that a failure comes again.</summary>
    public long Seed { get; init; } = 20240229;

    /// <summary>Everything but CUDA.</summary>
    public void Run()
    {
        manual_seed(Seed);
        Step("output shapes", OutputShapesAreRight);
        Step("parameter names", ParametersAreApproved);
        Step("state dict", StateDictCarriesEverything);
        Step("eval mode", EvalIsDeterministic);
        Step("gradients", GradientsReachEverything);
        Step("parameters in another order in memory", AnyOrderInMemoryServes);
        if (HalfPrecisionTolerance is { } tolerance)
            Step("bfloat16", () => AgreesAs(ScalarType.BFloat16, CPU, tolerance));
        Step("scope", ForwardLeavesItsOutputsOnly);
        Step("leaks", () => LeakCheck.Tensors(ForwardAndBackward()));
    }

    /// <summary>The same outputs on CUDA; skipped where there is none.</summary>
    public void RunOnCuda()
    {
        Assert.SkipUnless(cuda.is_available(), "No CUDA device is available.");
        manual_seed(Seed);
        Step("CUDA", () => AgreesAs(ScalarType.Float32, CUDA, 1e-3));
    }

    // A module outlives the dispose scope it was made in.
    private TModule CreateInScope()
    {
        using var scope = NewDisposeScope();
        return Create();
    }

    private void OutputShapesAreRight()
    {
        using var module = CreateInScope();
        var outputs = Forward(module, Inputs());
        Assert.Equal(OutputShapes.Length, outputs.Length);
        for (var i = 0; i < outputs.Length; i++)
        {
            TensorAssert.Shape(OutputShapes[i], outputs[i], $"output {i}");
            TensorAssert.AllFinite(outputs[i], $"output {i}");
        }
    }

    private void ParametersAreApproved()
    {
        using var module = CreateInScope();
        var lines = module.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]");
        var approved = Parameters.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(string.Join('\n', approved), string.Join('\n', lines));
    }

    private void StateDictCarriesEverything()
    {
        using var first = CreateInScope();
        using var second = CreateInScope();
        Perturb(first);
        second.load_state_dict(first.state_dict());
        AssertSame(first, second, "the output after load_state_dict");

        using var third = CreateInScope();
        using var stream = new MemoryStream();
        first.save(stream);
        third.load(new MemoryStream(stream.ToArray())); // save has closed the stream
        AssertSame(first, third, "the output after save and load");
    }

    private void EvalIsDeterministic()
    {
        using var module = CreateInScope();
        Perturb(module);
        AssertSame(module, module, "the second output in eval mode");
    }

    private void GradientsReachEverything()
    {
        using var module = CreateInScope();
        Perturb(module);
        module.eval();
        var inputs = Inputs();
        foreach (var (input, i) in inputs.Select((x, i) => (x, i)))
            if (is_floating_point(input) && !InputsWithoutGradient.Contains(i))
                input.requires_grad_();
        Objective(Forward(module, inputs)).backward();

        foreach (var (name, parameter) in module.named_parameters())
            if (!ParametersWithoutGradient.Contains(name))
                AssertGradient(parameter, $"parameter '{name}'");
        for (var i = 0; i < inputs.Length; i++)
            if (inputs[i].requires_grad)
                AssertGradient(inputs[i], $"input {i}");
    }

    // Weights may lie in memory in another order than their sizes say, as loading and ContextAware.WeightOrder may leave them.
    private void AnyOrderInMemoryServes()
    {
        using var module = CreateInScope();
        Perturb(module);
        module.eval();
        var inputs = Inputs();
        var (expected, expectedGradients) = OutputsAndGradients(module, inputs);
        using (no_grad())
        {
            foreach (var parameter in module.parameters().Where(parameter => parameter.Dimensions > 1))
            {
                long[] reversed = [.. Enumerable.Range(0, (int)parameter.Dimensions).Select(i => parameter.Dimensions - 1L - i)];
                parameter.set_(parameter.permute(reversed).contiguous().permute(reversed));
            }
        }
        var (actual, actualGradients) = OutputsAndGradients(module, inputs);
        for (var i = 0; i < expected.Length; i++)
            TensorAssert.Close(expected[i], actual[i], 1e-4, 1e-4, $"output {i}");
        foreach (var (name, gradient) in expectedGradients)
            TensorAssert.Close(gradient, actualGradients[name], 1e-4, 1e-4, $"the gradient of parameter '{name}'");
    }

    private (Tensor[] Outputs, Dictionary<string, Tensor> Gradients) OutputsAndGradients(TModule module, Tensor[] inputs)
    {
        module.zero_grad();
        var outputs = Forward(module, inputs);
        var weighted = outputs.Where(x => x.requires_grad).Select(x => (x * arange(x.numel()).reshape(x.shape).cos()).sum()).ToArray();
        if (weighted.Length > 0)
            weighted.Aggregate((a, b) => a + b).backward();
        return (outputs, module.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone()));
    }

    private void AgreesAs(ScalarType type, Device device, double tolerance)
    {
        using var module = CreateInScope();
        Perturb(module);
        module.eval();
        using var _ = no_grad();
        var inputs = Inputs();
        var expected = Forward(module, inputs);
        module.to(device, type);
        var actual = Forward(module, [.. inputs.Select(x => is_floating_point(x) ? x.to(type, device) : x.to(device))]);
        for (var i = 0; i < expected.Length; i++)
        {
            if (is_floating_point(expected[i]))
                TensorAssert.Type(type, actual[i], $"output {i}");
            TensorAssert.Close(expected[i], actual[i], tolerance, tolerance, $"output {i}");
        }
    }

    private void ForwardLeavesItsOutputsOnly()
    {
        using var module = CreateInScope();
        var inputs = Inputs();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var outputs = Forward(module, inputs);
        var left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        var made = outputs.Except(inputs, ReferenceEqualityComparer.Instance).Count();
        if (left != made)
            Assert.Fail($"Forward left {left} tensors to its caller, but returned {made}.");
    }

    private Action ForwardAndBackward()
    {
        var module = CreateInScope();
        module.eval();
        return () =>
        {
            using var scope = NewDisposeScope();
            var inputs = Inputs();
            foreach (var input in inputs.Where(is_floating_point))
                input.requires_grad_();
            Objective(Forward(module, inputs)).backward();
            module.zero_grad();
        };
    }

    // Leaves no weight at a special value: a bias or gain that starts at 0 or 1 would hide a missing term.
    private static void Perturb(TModule module)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var parameter in module.parameters())
            parameter.add_(randn(parameter.shape) * 0.1);
    }

    private void AssertSame(TModule first, TModule second, string what)
    {
        first.eval();
        second.eval();
        using var _ = no_grad();
        var inputs = Inputs();
        Tensor[] expected = Forward(first, inputs), actual = Forward(second, inputs);
        for (var i = 0; i < expected.Length; i++)
            TensorAssert.Equal(expected[i], actual[i], $"{what} ({i})");
    }

    // Differently weighted elements: the plain sum of a softmax has no gradient at all.
    private static Tensor Objective(Tensor[] outputs)
        => outputs.Where(is_floating_point).Select(x => (x * rand(x.shape).to(x.dtype)).sum()).Aggregate((a, b) => a + b);

    private static void AssertGradient(Tensor tensor, string what)
    {
        if (tensor.grad is not { } gradient)
            throw new Xunit.Sdk.XunitException($"No gradient reached {what}.");
        TensorAssert.AllFinite(gradient, $"the gradient of {what}");
        if (gradient.numel() > 0 && TensorArrays.Flat(gradient).All(x => x == 0))
            Assert.Fail($"The gradient of {what} is all zero.");
    }

    private void Step(string name, Action check)
    {
        using var scope = NewDisposeScope();
        try
        {
            check();
        }
        catch (Exception e) when (e is not Xunit.Sdk.SkipException)
        {
            throw new Xunit.Sdk.XunitException($"{typeof(TModule).Name}, {name}: {e.Message} (seed {Seed})", e);
        }
    }
}
