using ContextAware.Positions;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <content>Learned vectors for distances, which join keys and values (Shaw et al. 2018, equations 3 and 4).</content>
public sealed partial class MultiHeadAttention
{
    private ShawPositions? MakeRelative()
    {
        if (options.RelativePositions is null)
            return null;
        if (options.AddKeyValueBias || options.AddZeroAttention)
            throw new ArgumentException("Expected relative positions without extra keys, which stand nowhere, got both.", nameof(options));
        var made = options.RelativePositions(headWidth);
        if (made.HeadWidth != headWidth)
            throw new ArgumentException($"Expected relative positions of a head's width {headWidth}, got {made.HeadWidth}.", nameof(options));
        return made;
    }

    private AttentionResult RunRelative(
        Tensor query, Tensor key, Tensor value, AttentionOptions attention, in AttentionSizes sizes, Tensor? ids)
    {
        var scores = relative!.Scores(query, sizes.KeyLength, ids);                    // [B, H, T, S]
        var bias = attention.Bias is null ? scores : scores.add(attention.Bias);
        if (!relative.HasValues)
            return AttentionDispatch.Run(query, key, value, attention with { Bias = bias }, sizes);
        if (attention.Dropout > 0)
        {
            // Both sums are of the same weights, after dropout.
            return AttentionDispatch.Run(query, key, value, attention with
            {
                Bias = bias,
                Path = AttentionPath.Explicit,
                FromWeights = weights => relative.Values(weights, ids),
            }, sizes);
        }
        var (output, weights) = AttentionDispatch.Run(
            query, key, value, attention with { Bias = bias, NeedWeights = true, AverageWeights = false }, sizes);
        output = output.add(relative.Values(weights!, ids));                           // [B, H, T, E]
        return new(output, !attention.NeedWeights ? null : attention.AverageWeights ? weights!.mean([1]) : weights);
    }
}
