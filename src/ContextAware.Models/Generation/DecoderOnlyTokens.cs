namespace ContextAware.Models.Generation;

/// <summary>Checks tokens against a model's vocabulary and context before the model sees them.</summary>
internal readonly struct DecoderOnlyTokens(long vocabulary, long context)
{
    internal void CheckPrompts(IReadOnlyList<int[]> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        if (prompts.Count == 0) throw new ArgumentException("Expected at least one prompt, got none.", nameof(prompts));
        for (var row = 0; row < prompts.Count; row++)
        {
            var prompt = prompts[row] ?? throw new ArgumentException($"Prompt {row} is null.", nameof(prompts));
            if (prompt.Length == 0) throw new ArgumentException($"Prompt {row} is empty; give it the token that begins a text.", nameof(prompts));
            if (prompt.Length > context)
                throw new ArgumentException($"Expected at most {context} tokens, which the context holds, got {prompt.Length} in prompt {row}.", nameof(prompts));
            foreach (var token in prompt)
            {
                if (token < 0 || token >= vocabulary)
                    throw new ArgumentException($"Expected tokens from 0 to {vocabulary - 1}, got {token} in prompt {row}.", nameof(prompts));
            }
        }
    }

    internal void CheckStops(IEnumerable<int> stops, string name)
    {
        foreach (var token in stops)
        {
            if (token < 0 || token >= vocabulary)
                throw new ArgumentOutOfRangeException(name, token, $"Expected tokens from 0 to {vocabulary - 1}.");
        }
    }
}
