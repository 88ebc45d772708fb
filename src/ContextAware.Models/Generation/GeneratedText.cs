namespace ContextAware.Models.Generation;

/// <summary>How a prompt went on.</summary>
/// <param name="Tokens">The new tokens, without the prompt and the token that ended it.</param>
/// <param name="IsComplete">Whether a stop token ended it; otherwise the length or the context ran out.</param>
public sealed record GeneratedText(IReadOnlyList<int> Tokens, bool IsComplete);
