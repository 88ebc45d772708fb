using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Attention as pure functions. <see cref="ScaledDotProduct"/> does it all; <see cref="Scores"/>, <see cref="Softcap"/>,
/// <see cref="AddBias"/>, <see cref="MaskedSoftmax.Apply"/> and <see cref="Combine"/> are its steps, in this order.
/// </summary>
public static class AttentionFunctions
{
    /// <summary>softmax(c·tanh(scale·q·kᵀ/c) + bias)·v over what the mask allows (Vaswani et al. 2017, eq. 1).</summary>
    /// <remarks>
    /// A query with nothing to attend to gives zeros, with zero gradient. NaN or infinity in a key or value that the mask
    /// hides changes nothing; where it is visible it shows in the output row, which under a mask is NaN as a whole. Float16 and bfloat16 are computed in float32 on the CPU,
    /// and with scores and softmax in float32 elsewhere.
    /// </remarks>
    /// <param name="query">[B, H, T, E], or [B, T, E] for one head.</param>
    /// <param name="key">[B, G, S, E], where G divides H and head h reads group h / (H / G); or [B, S, E].</param>
    /// <param name="value">[B, G, S, V], or [B, S, V].</param>
    /// <param name="options">Mask, bias, scale and so on.</param>
    /// <returns>Output [B, H, T, V], weights [B, H, T, S] if asked for, [B, T, S] if averaged; without H for inputs without it.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit each other, or the path can't do what is asked for.</exception>
    public static AttentionResult ScaledDotProduct(Tensor query, Tensor key, Tensor value, AttentionOptions? options = null)
    {
        options ??= AttentionOptions.Default;
        var sizes = AttentionChecks.Sizes(query, key, value);
        var dimensions = (int)query.Dimensions;
        AttentionChecks.Options(options, sizes, dimensions, query);

        using var scope = NewDisposeScope();
        var (q, k, v) = dimensions == 4 ? (query, key, value) : (query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1));
        var result = AttentionDispatch.Run(q, k, v, options, sizes);
        var (output, weights) = result;
        if (dimensions == 3)
            (output, weights) = (output.squeeze(1), options.AverageWeights ? weights : weights?.squeeze(1));
        return new(output.MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    /// <summary>The plan for such a call: which path, and why. Computes nothing.</summary>
    /// <inheritdoc cref="ScaledDotProduct"/>
    /// <returns>The plan.</returns>
    public static AttentionPlan Explain(Tensor query, Tensor key, Tensor value, AttentionOptions? options = null)
    {
        options ??= AttentionOptions.Default;
        var sizes = AttentionChecks.Sizes(query, key, value);
        AttentionChecks.Options(options, sizes, (int)query.Dimensions, query);
        using var scope = NewDisposeScope();
        return AttentionDispatch.Plan(query, key, value, options, sizes);
    }

    /// <summary>scale·q·kᵀ.</summary>
    /// <param name="query">[B, H, T, E].</param>
    /// <param name="key">[B, G, S, E].</param>
    /// <param name="scale">Null stands for 1/√E.</param>
    /// <returns>[B, H, T, S], in at least float32.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit each other.</exception>
    public static Tensor Scores(Tensor query, Tensor key, double? scale = null)
    {
        var sizes = AttentionChecks.Sizes(query, key, key, dimensions: 4);
        AttentionChecks.Scale(scale);
        using var scope = NewDisposeScope();
        var grouping = new Grouping(sizes);
        var scaled = Precise(query).mul(scale ?? sizes.DefaultScale);
        var scores = ScoreChain.Product(grouping.Fold(grouping.Split(scaled)), Precise(key));              // [B, G, R·T, S]
        return grouping.Join(grouping.Unfold(scores, sizes.QueryLength)).MoveToOuterDisposeScope();        // [B, H, T, S]
    }

    /// <summary>c·tanh(score/c) (Bello et al. 2016, eq. 16; Gemma 2).</summary>
    /// <param name="scores">Any shape.</param>
    /// <param name="softcap">c; 0 leaves the scores alone.</param>
    /// <returns>The shape and type of the scores.</returns>
    /// <exception cref="ArgumentException">The scores are not floating-point numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="softcap"/> is negative or not finite.</exception>
    public static Tensor Softcap(Tensor scores, double softcap)
    {
        AttentionChecks.Floating(scores, nameof(scores));
        AttentionChecks.Softcap(softcap);
        using var scope = NewDisposeScope();
        var capped = softcap == 0 ? scores.alias() : Precise(scores).div(softcap).tanh_().mul(softcap).to(scores.dtype);
        return capped.MoveToOuterDisposeScope();
    }

    /// <summary>Scores plus a bias, and −∞ where the mask hides: what softmax sees.</summary>
    /// <param name="scores">[B, H, T, S].</param>
    /// <param name="bias">Broadcastable to the scores, or null.</param>
    /// <param name="mask">Which query may attend to which key; null hides nothing.</param>
    /// <returns>[B, H, T, S].</returns>
    /// <exception cref="ArgumentException">The scores are not [B, H, T, S] of floating-point numbers, or bias or mask don't fit them.</exception>
    public static Tensor AddBias(Tensor scores, Tensor? bias, AttentionMask? mask = null)
    {
        AttentionChecks.Floating(scores, nameof(scores));
        var shape = scores.shape;
        if (shape.Length != 4)
            throw new ArgumentException($"Expected [B, H, T, S], got {ShapeText.Of(shape)}.", nameof(scores));
        if (bias is not null)
            AttentionChecks.Bias(bias, new(shape[0], shape[1], shape[1], shape[2], shape[3], 1, 1), 4, scores, nameof(scores));
        using var scope = NewDisposeScope();
        var sum = bias is null ? scores.alias() : scores.add(bias);
        if (mask?.ToTensor(shape[0], shape[1], shape[2], shape[3], scores.device) is { } allowed)
            sum = sum.masked_fill(allowed.logical_not(), double.NegativeInfinity);
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>Σ_s weight·value.</summary>
    /// <param name="weights">[B, H, T, S].</param>
    /// <param name="value">[B, G, S, V].</param>
    /// <returns>[B, H, T, V], in the type of the values.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit each other.</exception>
    public static Tensor Combine(Tensor weights, Tensor value)
    {
        AttentionChecks.Floating(weights, nameof(weights));
        AttentionChecks.Floating(value, nameof(value));
        var (w, v) = (weights.shape, value.shape);
        if (w.Length != 4)
            throw new ArgumentException($"Expected [B, H, T, S], got {ShapeText.Of(w)}.", nameof(weights));
        if (v.Length != 4 || v[0] != w[0] || v[2] != w[3] || v[1] == 0 || w[1] % v[1] != 0)
            throw new ArgumentException($"Expected [B, G, S, V] with B = {w[0]}, S = {w[3]} and a G that divides {w[1]} heads, got {ShapeText.Of(v)}.", nameof(value));
        if (!AttentionChecks.OnDeviceOf(weights, value))
            throw new ArgumentException($"Expected the weights' device {weights.device}, got {value.device}.", nameof(value));
        using var scope = NewDisposeScope();
        var grouping = new Grouping(new(w[0], w[1], v[1], w[2], w[3], 1, v[3]));
        var sum = grouping.Fold(grouping.Split(weights.to(Precise(value).dtype))).matmul(Precise(value));  // [B, G, R·T, V]
        return grouping.Join(grouping.Unfold(sum, w[2])).to(value.dtype).MoveToOuterDisposeScope();        // [B, H, T, V]
    }

    /// <summary>Float32 for half precision on the CPU, which is slow there or, in older libtorches, missing.</summary>
    internal static Tensor Precise(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? tensor.to(float32) : tensor;
}
