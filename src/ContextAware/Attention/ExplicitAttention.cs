using ContextAware.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>The steps one after the other over the whole matrix; autograd records them as they are.</summary>
internal static class ExplicitAttention
{
    internal static AttentionResult Run(AttentionInputs inputs)
    {
        var (grouping, sizes) = (inputs.Grouping, inputs.Sizes);
        var chain = new ScoreChain(inputs.Softcap, InPlace: !inputs.NeedGradient);
        var visible = inputs.Visibility.All();

        var query = visible.Clean(grouping.Split(inputs.Query)).mul(chain.QueryScale(inputs.Scale));       // [B, G, R, T, E]
        var scores = grouping.Unfold(ScoreChain.Product(grouping.Fold(query), inputs.Key), sizes.QueryLength);  // [B, G, R, T, S]
        var bias = inputs.Bias is null ? null : grouping.Split(inputs.Bias);
        var weights = chain.Weights(scores, chain.Tanh(scores), bias, visible);                                // [B, G, R, T, S]

        var used = weights.to(inputs.Value.dtype);
        if (inputs.Dropout > 0)
            used = DropoutMask.Apply(used, inputs.Dropout);
        var sums = grouping.Fold(used).matmul(inputs.Value);                                               // [B, G, R·T, V]
        var output = grouping.Join(grouping.Unfold(sums, sizes.QueryLength));                              // [B, H, T, V]
        return new(
            inputs.FromWeights is null ? output : output.add(inputs.FromWeights(grouping.Join(used))),
            inputs.NeedWeights ? Weights(grouping.Join(weights), inputs.AverageWeights) : null);
    }

    /// <summary>[B, H, T, S], or [B, T, S].</summary>
    private static Tensor Weights(Tensor weights, bool average) => average ? weights.mean([1]) : weights;
}
