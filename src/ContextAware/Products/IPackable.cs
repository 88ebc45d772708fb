using static TorchSharp.torch;

namespace ContextAware.Products;

/// <summary>A module whose products go by <see cref="Dense"/>.</summary>
internal interface IPackable
{
    /// <summary>The weights of these products, [out, in], those of modules inside that are packable themselves left out.</summary>
    IEnumerable<Tensor> ProductWeights { get; }
}
