using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Products;

/// <summary>Linear layers: by a packed copy of their weights (<see cref="PackedWeights"/>) where there is one that serves, else by libtorch.</summary>
internal static class Dense
{
    /// <summary>input·weightᵀ + bias.</summary>
    internal static Tensor Apply(Tensor input, Tensor weight, Tensor? bias) =>
        PackedMatrix.Apply(input, weight, bias) ?? nn.functional.linear(input, weight, bias);

    /// <summary>The first outputs of input·weightᵀ + bias.</summary>
    internal static Tensor Apply(Tensor input, Tensor weight, Tensor? bias, long count) =>
        PackedMatrix.Apply(input, weight, bias, relu: false, 0, count)
        ?? nn.functional.linear(input, weight.narrow(0, 0, count), bias?.narrow(0, 0, count));

    /// <summary>The outputs of a weight in parts, each of another input.</summary>
    /// <param name="inputs">One for each part.</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out].</param>
    /// <param name="sizes">How many outputs each part has, together all.</param>
    internal static Tensor[] ApplyParts(Tensor[] inputs, Tensor weight, Tensor? bias, long[] sizes)
    {
        Tensor[]? weights = null, biases = null;        // split at once, so that a backward pass joins their gradients at once
        var results = new Tensor[inputs.Length];
        for (var (i, first) = (0, 0L); i < inputs.Length; first += sizes[i++])
        {
            results[i] = PackedMatrix.Apply(inputs[i], weight, bias, relu: false, first, sizes[i])
                ?? nn.functional.linear(inputs[i], (weights ??= weight.split(sizes))[i], (biases ??= bias?.split(sizes))?[i]);
        }
        return results;
    }

    /// <summary>What a layer makes of its input.</summary>
    internal static Tensor Apply(Tensor input, Linear layer) => PackedMatrix.Apply(input, layer.weight, layer.bias) ?? layer.call(input);

    /// <summary>max(0, ·) of what a layer makes of its input.</summary>
    internal static Tensor ApplyRelu(Tensor input, Linear layer) =>
        PackedMatrix.Apply(input, layer.weight, layer.bias, relu: true) ?? layer.call(input).relu_();       // its gradient looks at the result
}
