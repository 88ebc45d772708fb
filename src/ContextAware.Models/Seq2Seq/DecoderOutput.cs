using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What a decoder answers to a whole target.</summary>
/// <param name="Logits">Unnormalised log-probabilities of the next symbol <c>[B,T,V]</c>.</param>
/// <param name="Weights">The attention weights <c>[B,T,S]</c>; null unless asked for.</param>
public sealed record DecoderOutput(Tensor Logits, Tensor? Weights);
