using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>What a decoder layer returns.</summary>
/// <param name="Output">[B, T, D].</param>
/// <param name="SelfWeights">Where each position looked in the target, [B, H, T, T]; null unless asked for.</param>
/// <param name="CrossWeights">Where each position looked in the memory, [B, H, T, S]; null unless asked for.</param>
public sealed record DecoderLayerResult(Tensor Output, Tensor? SelfWeights, Tensor? CrossWeights);
