using ContextAware.Attention;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware;

/// <summary>The order in which the weights of linear layers lie in memory. Their shape [out, in] and their values are the same in both.</summary>
/// <remarks>
/// A new layer has side by side what leads to one output. A product of several positions copies the weights into an order of its own each
/// time, with a step from input to input: that is cheaper where the weights of one input lie side by side. A model that is
/// loaded for inference on the CPU calls <see cref="ByInput"/> once: products of one to some ten positions take a tenth to a fifth less
/// then (OpenBLAS, two threads), whole layers with hundreds of positions two or three hundredths (<see cref="PackedWeights"/> gain more there). A backward pass
/// reads weights the other way, so that training gains nothing. State dicts and safetensors files take both orders; the <c>save</c> and
/// <c>load</c> of TorchSharp's modules refuse weights by input.
/// <code>
/// model.eval();
/// WeightOrder.ByInput(model);
/// </code>
/// </remarks>
public static class WeightOrder
{
    /// <summary>The weights of one input side by side: what products of many positions read fastest.</summary>
    /// <param name="module">Its <c>Linear</c> layers and its attention's projections, in itself and in all its parts, on the CPU, of float32 or float64; all else stays.</param>
    /// <returns>How many weights lie differently now.</returns>
    public static int ByInput(nn.Module module) => Lay(module, weight => weight.t().contiguous().t());

    /// <summary>The weights of one output side by side, as TorchSharp and PyTorch make them.</summary>
    /// <inheritdoc cref="ByInput"/>
    public static int ByOutput(nn.Module module) => Lay(module, weight => weight.contiguous());

    private static int Lay(nn.Module module, Func<Tensor, Tensor> turn)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var noGradient = no_grad();
        var count = 0;
        foreach (var weight in module.modules().Prepend(module).SelectMany(Weights))
        {
            using var scope = NewDisposeScope();
            if (weight.device_type != DeviceType.CPU || weight.dtype is not (ScalarType.Float32 or ScalarType.Float64))
                continue;
            var turned = turn(weight);
            if (turned.stride().AsSpan().SequenceEqual(weight.stride()))
                continue;
            weight.set_(turned);                        // the same parameter, for optimizers and whoever else holds it
            if (weight.grad is { } gradient)
                gradient.set_(turn(gradient));
            count++;
        }
        return count;
    }

    private static IEnumerable<Tensor> Weights(nn.Module module) => module switch
    {
        Linear linear => [linear.weight],
        MultiHeadAttention attention => attention.ProjectionWeights,
        _ => [],
    };
}
