using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>From what was asked for to a path and back.</summary>
internal static class AttentionDispatch
{
    internal static AttentionPlan Plan(Tensor query, Tensor key, Tensor value, AttentionOptions options, in AttentionSizes sizes)
    {
        var visibility = new Visibility(options.Mask, null, sizes, query.device);
        visibility.Check();
        if (options.Path is { } path)
            return new(path, "it was asked for");
        return AttentionPlanner.Plan(new()
        {
            Batch = sizes.Batch,
            Heads = sizes.Heads,
            QueryLength = sizes.QueryLength,
            KeyLength = sizes.KeyLength,
            Device = query.device_type,
            Type = query.dtype,
            NeedWeights = options.NeedWeights,
            NeedGradient = NeedsGradient(query, key, value, options.Bias),
            Softcap = options.Softcap > 0,
            BiasNeedsGradient = options.Bias is { requires_grad: true },
            SkipsKeys = visibility.NarrowsKeys,
            Triangle = visibility.IsTriangle,
        });
    }

    /// <summary>Query [B, H, T, E], key [B, G, S, E], value [B, G, S, V], checked; makes its tensors in the caller's scope.</summary>
    internal static AttentionResult Run(Tensor query, Tensor key, Tensor value, AttentionOptions options, in AttentionSizes sizes)
    {
        var path = Plan(query, key, value, options, sizes).Path;
        var needGradient = NeedsGradient(query, key, value, options.Bias);
        Refuse(path, options, needGradient);
        var preciseQuery = AttentionFunctions.Precise(query);
        var bias = options.Bias?.view(BiasShape(options.Bias.shape)).to(preciseQuery.dtype);
        var inputs = new AttentionInputs
        {
            Sizes = sizes,
            Query = preciseQuery,
            Key = AttentionFunctions.Precise(key),
            Value = AttentionFunctions.Precise(value),
            Bias = bias,
            BiasHides = bias is not null && DataLook.MayBeTrue(bias.detach().eq(double.NegativeInfinity).any()),
            Mask = options.Mask,
            Scale = options.Scale ?? sizes.DefaultScale,
            Softcap = options.Softcap,
            Dropout = options.Dropout,
            NeedWeights = options.NeedWeights,
            AverageWeights = options.AverageWeights,
            NeedGradient = needGradient,
            FromWeights = options.FromWeights,
            Blocks = options.Blocks,
        };
        var result = Guarded(path, inputs);
        return new(result.Output.to(value.dtype), result.Weights?.to(query.dtype));
    }

    private static AttentionResult Guarded(AttentionPath path, AttentionInputs inputs)
    {
        if (inputs.Sizes.QueryLength == 0 || inputs.Visibility.ShowsAll || NonFiniteGuard.AllFinite(inputs.Key, inputs.Value))
            return Run(path, inputs);
        var poisoned = NonFiniteGuard.Poisoned(inputs);
        var result = Run(path, inputs with { Key = NonFiniteGuard.Clean(inputs.Key), Value = NonFiniteGuard.Clean(inputs.Value) });
        var weightRows = inputs.AverageWeights ? poisoned.any(1) : poisoned;           // [B, T, 1] or [B, H, T, 1]
        return new(result.Output.masked_fill(poisoned, double.NaN), result.Weights?.masked_fill(weightRows, double.NaN));
    }

    private static AttentionResult Run(AttentionPath path, AttentionInputs inputs) => inputs.Sizes.IsEmpty ? ExplicitAttention.Run(inputs) : path switch
    {
        AttentionPath.Fused => FusedAttention.Run(inputs),
        AttentionPath.Blocks => BlockAttention.Run(inputs),
        _ => ExplicitAttention.Run(inputs),
    };

    private static void Refuse(AttentionPath path, AttentionOptions options, bool needGradient)
    {
        if (options.NeedWeights && path == AttentionPath.Fused)
            throw new ArgumentException("Expected another path than the fused one, which has no weights.", nameof(options));
        if (options.NeedWeights && path == AttentionPath.Blocks && needGradient)
            throw new ArgumentException("Expected the explicit path, which alone can differentiate weights, got Blocks.", nameof(options));
        if (options.Softcap > 0 && path == AttentionPath.Fused)
            throw new ArgumentException("Expected another path than the fused one, which has no softcap.", nameof(options));
    }

    /// <summary>[T, S] as [1, 1, T, S], [B, T, S] as [B, 1, T, S].</summary>
    internal static long[] BiasShape(long[] shape) => shape.Length switch
    {
        2 => [1, 1, .. shape],
        3 => [shape[0], 1, shape[1], shape[2]],
        _ => shape,
    };

    private static bool NeedsGradient(Tensor query, Tensor key, Tensor value, Tensor? bias) =>
        is_grad_enabled() && (query.requires_grad || key.requires_grad || value.requires_grad || bias is { requires_grad: true });
}
