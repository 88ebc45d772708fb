using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>What a model answers to questions about pictures.</summary>
/// <param name="Logits">Unnormalised log-probabilities of the answers <c>[B,A]</c>.</param>
/// <param name="Maps">Where it looked, each map summing to 1 <c>[B,G,h,w]</c>.</param>
public sealed record Answer(Tensor Logits, Tensor Maps);
