using ContextAware.Transformers;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>The feed-forward network of one position; a gate and what it lets through come from one product.</summary>
internal sealed class StepFeedForward
{
    private readonly Activation activation;
    private readonly StepProduct first;
    private readonly Tensor gate;           // [F]
    private readonly Tensor? up;            // [F]
    private readonly Tensor second;
    private readonly Tensor? secondBias;

    internal StepFeedForward(IReadOnlyDictionary<string, Tensor> weights, string name, StepNorm norm, DecoderOnlyOptions options, StepTensors tensors)
    {
        activation = options.Activation;
        first = options.Gated
            ? new(
                tensors.Keep(norm.Fold(cat([weights[$"{name}.gate_proj.weight"], weights[$"{name}.up_proj.weight"]], 0))),
                options.Bias ? tensors.Keep(cat([weights[$"{name}.gate_proj.bias"], weights[$"{name}.up_proj.bias"]], 0)) : null,
                tensors)
            : new(Folded(weights[$"{name}.linear1.weight"], norm, tensors), weights.GetValueOrDefault($"{name}.linear1.bias"), tensors);
        gate = tensors.Keep(first.Result.narrow(0, 0, options.HiddenWidth));
        up = options.Gated ? tensors.Keep(first.Result.narrow(0, options.HiddenWidth, options.HiddenWidth)) : null;
        var last = options.Gated ? "down_proj" : "linear2";
        second = weights[$"{name}.{last}.weight"];
        secondBias = weights.GetValueOrDefault($"{name}.{last}.bias");
    }

    /// <summary>Adds the network's answer to the residual stream.</summary>
    /// <param name="x">[D], overwritten with the sum.</param>
    /// <param name="normed">[D].</param>
    internal void AddTo(Tensor x, Tensor normed)
    {
        first.Apply(normed);                                                               // [F], or [2F]
        ActivationFunctions.Apply(gate, activation);
        if (up is not null) gate.mul_(up);
        x.addmv_(second, gate);
        if (secondBias is not null) x.add_(secondBias);
    }

    private static Tensor Folded(Tensor weight, StepNorm norm, StepTensors tensors) =>
        norm.Factor is null ? weight : tensors.Keep(norm.Fold(weight));
}
