using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>Vectors brought to length one.</summary>
internal static class UnitVectors
{
    private const double SmallestLength = 1e-8;

    /// <summary>In float16, whose largest number is 65504: the gradient of a vector of zeros is divided by it.</summary>
    private const double SmallestHalfLength = 1e-3;

    /// <summary>x/|x| over the last dimension, computed in at least float32: squares of float16 numbers are soon infinite. A vector of zeros stays one.</summary>
    public static Tensor Of(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        var dtype = vectors.dtype;
        var precise = dtype is ScalarType.Float16 or ScalarType.BFloat16 ? vectors.to(float32) : vectors;
        var smallest = dtype == ScalarType.Float16 ? SmallestHalfLength : SmallestLength;
        return nn.functional.normalize(precise, p: 2, dim: -1, eps: smallest).to(dtype).MoveToOuterDisposeScope();
    }
}
