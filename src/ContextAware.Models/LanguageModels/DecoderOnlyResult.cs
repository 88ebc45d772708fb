using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels;

/// <summary>What a <see cref="DecoderOnlyModel"/> answers.</summary>
/// <param name="Logits">Unnormalised log-probabilities of the next token after each position: [B, T, V], or [B, 1, V] for the last only.</param>
/// <param name="Weights">The attention weights of each layer, [B, H, T, S]; null unless asked for.</param>
public sealed record DecoderOnlyResult(Tensor Logits, IReadOnlyList<Tensor>? Weights);
