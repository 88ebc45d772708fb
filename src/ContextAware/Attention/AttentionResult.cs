using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What an attention mechanism returns.</summary>
/// <param name="Output">The weighted sum of the values; its shape is the mechanism's.</param>
/// <param name="Weights">The weights, for each head where there are heads; null unless asked for.</param>
public sealed record AttentionResult(Tensor Output, Tensor? Weights);
