using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>
/// Divides vectors by the root of their mean square and scales each component: x / √(mean(x²) + ε) ⊙ g (Zhang and Sennrich
/// 2019, "Root mean square layer normalization", eq. 4).
/// </summary>
/// <remarks>
/// In at least float32. The one parameter is <c>weight</c>, of the normalised shape, as in PyTorch's <c>nn.RMSNorm</c>
/// and Llama's implementations.
/// </remarks>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly long[] shape;
    private readonly long[] dimensions;
    private readonly Scalar epsilon;

    /// <summary>Makes a norm of vectors; g starts at 1.</summary>
    /// <param name="width">D.</param>
    /// <param name="epsilon">ε, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">D is not positive, or ε is negative or not finite.</exception>
    public RmsNorm(long width, double epsilon = 1e-5)
        : this([width], epsilon)
    {
    }

    /// <summary>Makes a norm over several last dimensions at once.</summary>
    /// <param name="shape">Their sizes.</param>
    /// <param name="epsilon">ε, at least 0.</param>
    /// <exception cref="ArgumentException">There is no dimension.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or ε is negative or not finite.</exception>
    public RmsNorm(long[] shape, double epsilon = 1e-5)
        : base(nameof(RmsNorm))
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Length == 0)
            throw new ArgumentException("Expected at least one dimension, got none.", nameof(shape));
        foreach (var size in shape)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, shape.Length == 1 ? "width" : nameof(shape));
        if (!(epsilon >= 0) || !double.IsFinite(epsilon))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"Expected an epsilon of 0 or more, got {epsilon}.");
        this.shape = [.. shape];
        this.epsilon = epsilon;
        dimensions = [.. Enumerable.Range(0, shape.Length).Select(i => i - (long)shape.Length)];
        weight = OwnParameter.Of(ones(shape));
        RegisterComponents();
    }

    /// <summary>Normalises.</summary>
    /// <param name="input">[..., D], or [...] with the shape at its end.</param>
    /// <returns>Of the input's shape and type.</returns>
    /// <exception cref="ArgumentException">The last dimensions are not the norm's.</exception>
    public override Tensor forward(Tensor input)
    {
        Check(input);
        using var scope = NewDisposeScope();
        var type = input.dtype;
        var isHalf = type is ScalarType.Float16 or ScalarType.BFloat16;
        var x = isHalf ? input.to(ScalarType.Float32) : input;
        var factor = x.square().mean(dimensions, keepdim: true).add_(epsilon).rsqrt_();    // [..., 1]
        var normed = x.mul(factor).mul(weight);                                            // [..., D]
        return (isHalf ? normed.to(type) : normed).MoveToOuterDisposeScope();
    }

    // Sizes are read one by one: a whole shape costs ten times as much.
    private void Check(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var fits = input.ndim >= shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = input.size(i - shape.Length) == shape[i];
        if (!fits)
            throw new ArgumentException($"Expected [..., {string.Join(", ", shape)}], got {ShapeText.Of(input)}.", nameof(input));
    }
}
