using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>What a model answers to one more symbol in each row.</summary>
/// <param name="Logits">Unnormalised log-probabilities of the next symbol <c>[N,V]</c>.</param>
/// <param name="Weights">Where each row looked in its source <c>[N,S]</c>; null if the model has no such weights.</param>
public sealed record DecodingStep(Tensor Logits, Tensor? Weights);
