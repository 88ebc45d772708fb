using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Vision;

/// <summary>Means of feature maps.</summary>
internal static class Pooling
{
    /// <summary>The mean over some dimensions, which stay with size 1.</summary>
    /// <remarks>
    /// As a sum and a factor: the gradient of a sum is a view, that of libtorch's mean is a map of full size.
    /// Types of half the width keep the mean, since their sum would be rounded or overflow.
    /// </remarks>
    public static Tensor Mean(Tensor input, params long[] dimensions)
    {
        if (input.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            return input.mean(dimensions, keepdim: true);
        using var scope = NewDisposeScope();
        var count = dimensions.Aggregate(1L, (product, dimension) => product * input.size((int)dimension));
        return (input.sum(dimensions, keepdim: true) * (1.0 / count)).MoveToOuterDisposeScope();
    }
}
