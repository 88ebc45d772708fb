using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Optim;

/// <summary>Ten steps of each optimizer end where PyTorch's end (golden/make_golden_optim.py).</summary>
public class OptimizerGoldenTests
{
    private const int Steps = 10;

    // The third parameter has no gradient before this step.
    private const int Late = 4;

    private static readonly Dictionary<string, Func<Parameter[], optim.Optimizer>> s_optimizers = new()
    {
        ["sgd"] = p => optim.SGD(p, 0.1),
        ["sgd_momentum"] = p => optim.SGD(p, 0.1, momentum: 0.9),
        ["sgd_dampening"] = p => optim.SGD(p, 0.1, momentum: 0.8, dampening: 0.3),
        ["sgd_nesterov"] = p => optim.SGD(p, 0.1, momentum: 0.9, nesterov: true),
        ["sgd_decay"] = p => optim.SGD(p, 0.1, momentum: 0.9, weight_decay: 0.05),
        ["sgd_maximize"] = p => optim.SGD(p, 0.1, momentum: 0.9, maximize: true),
        ["adam"] = p => optim.Adam(p, 0.01),
        ["adam_betas"] = p => optim.Adam(p, 0.01, beta1: 0.7, beta2: 0.95, eps: 1e-3),
        ["adam_decay"] = p => optim.Adam(p, 0.01, weight_decay: 0.1),
        ["adam_amsgrad"] = p => optim.Adam(p, 0.01, beta2: 0.5, amsgrad: true),
        ["adam_maximize"] = p => optim.Adam(p, 0.01, weight_decay: 0.1, maximize: true),
        ["adamw"] = p => optim.AdamW(p, 0.01),
        ["adamw_decay"] = p => optim.AdamW(p, 0.01, weight_decay: 0.1),
        ["adamw_amsgrad"] = p => optim.AdamW(p, 0.01, beta2: 0.5, weight_decay: 0.1, amsgrad: true),
        ["adamw_maximize"] = p => optim.AdamW(p, 0.01, weight_decay: 0.1, maximize: true),
        ["adagrad"] = p => optim.Adagrad(p, 0.1),
        ["adagrad_decay"] = p => optim.Adagrad(p, 0.1, lr_decay: 0.1, weight_decay: 0.1, initial_accumulator_value: 0.2, eps: 1e-3),
        ["rmsprop"] = p => optim.RMSProp(p, 0.01),
        ["rmsprop_momentum"] = p => optim.RMSProp(p, 0.01, alpha: 0.8, momentum: 0.9),
        ["rmsprop_centered"] = p => optim.RMSProp(p, 0.01, alpha: 0.8, momentum: 0.5, centered: true),
        ["rmsprop_decay"] = p => optim.RMSProp(p, 0.01, eps: 1e-3, weight_decay: 0.1),
        ["rmsprop_maximize"] = p => optim.RMSProp(p, 0.01, maximize: true),
        ["groups"] = p => optim.Adam(
            [
                new Adam.ParamGroup(p[..1], new Adam.Options { LearningRate = 0.1, beta1 = 0.5, beta2 = 0.6 }),
                new Adam.ParamGroup(p[1..], new Adam.Options { weight_decay = 0.2 }),
            ],
            0.01),
    };

    public static TheoryData<string> Names => [.. s_optimizers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ten_steps_end_where_PyTorch_ends(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenFile.Read("tests/TorchSharp.SystemLibtorch.Tests/golden/optim.safetensors");
        Parameter[] parameters = [.. new[] { "a", "b", "c" }.Select(key => new Parameter(golden.Tensor($"start.{key}")))];
        using var optimizer = s_optimizers[name](parameters);
        for (var step = 0; step < Steps; step++)
        {
            optimizer.zero_grad();
            Loss(golden, parameters, step).backward();
            optimizer.step();
        }

        foreach (var (key, parameter) in new[] { "a", "b", "c" }.Zip(parameters))
        {
            var tolerance = parameter.dtype == ScalarType.Float64 ? 1e-12 : 1e-6;
            TensorAssert.Close(golden.Tensor($"{name}.{key}"), parameter, rtol: tolerance, atol: tolerance, what: $"{name}.{key}");
        }
    }

    // The gradient of the sum of a product is the other factor.
    private static Tensor Loss(GoldenFile golden, Parameter[] parameters, int step)
    {
        var loss = (parameters[0] * golden.Tensor("gradient.a")[step]).sum() + (parameters[1] * golden.Tensor("gradient.b")[step]).sum();
        return step < Late ? loss : loss + (parameters[2] * golden.Tensor("gradient.c")[step]).sum();
    }
}
