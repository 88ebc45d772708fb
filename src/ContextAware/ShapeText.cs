using static TorchSharp.torch;

namespace ContextAware;

/// <summary>Shapes in messages: as wide or as compact as the shape that the message expects.</summary>
internal static class ShapeText
{
    /// <summary>[2, 3].</summary>
    internal static string Of(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <inheritdoc cref="Of(IEnumerable{long})"/>
    internal static string Of(long[] shape) => Of(shape.AsEnumerable());    // which would be a tensor's values as well

    /// <inheritdoc cref="Of(IEnumerable{long})"/>
    internal static string Of(Tensor tensor) => Of(tensor.shape);

    /// <summary>[2,3].</summary>
    internal static string Compact(long[] shape) => $"[{string.Join(',', shape)}]";

    /// <inheritdoc cref="Compact(long[])"/>
    internal static string Compact(Tensor tensor) => Compact(tensor.shape);
}
