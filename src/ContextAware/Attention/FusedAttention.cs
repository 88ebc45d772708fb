using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>libtorch's kernel, kept away from what it gets wrong: empty rows (NaN before libtorch 2.5), and a causal flag aligned to the start.</summary>
internal static class FusedAttention
{
    internal static AttentionResult Run(AttentionInputs inputs)
    {
        var (grouping, sizes, visibility) = (inputs.Grouping, inputs.Sizes, inputs.Visibility);
        var triangle = visibility.IsTriangle && inputs.Bias is null && grouping.Shared == 1 && sizes.QueryLength > 1;
        var visible = triangle ? default : visibility.All();
        var query = visible.Clean(grouping.Split(inputs.Query));                                               // [B, G, R, T, E]
        // The kernel multiplies with 1/√E itself.
        if (inputs.Scale != sizes.DefaultScale)
            query = query.mul(inputs.Scale / sizes.DefaultScale);
        var mask = triangle ? null : Mask(inputs, visible);

        var output = nn.functional.scaled_dot_product_attention(
            grouping.Fold(query), inputs.Key, inputs.Value, mask, inputs.Dropout, triangle);   // [B, G, R·T, V]
        output = grouping.Unfold(output, sizes.QueryLength);                                                   // [B, G, R, T, V]
        if (visible.Empty is { } empty)
            output = output.masked_fill(empty, 0);
        return new(grouping.Join(output), null);                                                               // [B, H, T, V]
    }

    /// <summary>True may attend, or a float bias; [B or 1, G or 1, R·T or 1, S or 1]. Empty rows see everything: their output is dropped.</summary>
    private static Tensor? Mask(AttentionInputs inputs, in VisibleKeys visible)
    {
        var grouping = inputs.Grouping;
        Tensor? mask;
        if (inputs.Bias is { } bias)
        {
            mask = grouping.Split(bias);
            if (visible.Hidden is not null)
                mask = mask.masked_fill(visible.Hidden, double.NegativeInfinity);
            if (visible.Empty is not null)
                mask = mask.masked_fill(visible.Empty, 0);
        }
        else
        {
            mask = visible.Hidden?.logical_not();
            if (visible.Empty is not null)
                mask = mask!.logical_or(visible.Empty);
        }
        if (mask is null || grouping.Shared == 1)
            return mask;
        var shape = mask.shape;                                                        // [B, G, R or 1, T or 1, S]
        if (shape[2] == 1 && shape[3] == 1)
            return mask.squeeze(2);                                                    // [B, G, 1, S]
        return grouping.Fold(mask.expand(shape[0], shape[1], grouping.Shared, inputs.Sizes.QueryLength, shape[4]));   // [B, G, R·T, S]
    }
}
