using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>Activations as functions.</summary>
internal static class ActivationFunctions
{
    /// <summary>Bends what a product has just made, in its own memory where no gradient needs it.</summary>
    /// <param name="product">Any shape; nobody else's.</param>
    /// <param name="activation">How.</param>
    internal static Tensor Apply(Tensor product, Activation activation)
    {
        var inPlace = !product.requires_grad;
        return activation switch
        {
            Activation.Relu => product.relu_(),     // its gradient looks at the result
            Activation.Gelu => nn.functional.gelu(product, GELU.Approximate.none, inPlace),
            Activation.GeluTanh => nn.functional.gelu(product, GELU.Approximate.tanh, inPlace),
            _ => nn.functional.silu(product, inPlace),
        };
    }

    internal static Activation Check(Activation activation)
    {
        if (!Enum.IsDefined(activation))
            throw new ArgumentOutOfRangeException(nameof(activation), activation, $"Expected an activation that exists, got {activation}.");
        return activation;
    }
}
