using ContextAware.Models.Decoding.Sampling;

namespace ContextAware.Models.Generation;

/// <summary>How texts go on.</summary>
public sealed record GenerationOptions
{
    /// <summary>How many tokens to write at most; the model's context may end a text earlier.</summary>
    public int MaximumLength { get; init; } = 100;

    /// <summary>Tokens that end a text. They are not part of it.</summary>
    public IReadOnlyCollection<int> StopTokens { get; init; } = [];

    /// <summary>How the next token is chosen.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Where all random choices come from: the same seed gives the same texts. Each prompt of a batch draws from numbers
    /// of its own, whatever its place and its neighbours.</summary>
    public long Seed { get; init; }

    /// <summary>Whether keys and values of earlier tokens are kept. Without, every step reads the whole text again: the same
    /// text, slowly.</summary>
    public bool UseCache { get; init; } = true;

    internal void Check(DecoderOnlyTokens tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaximumLength);
        ArgumentNullException.ThrowIfNull(StopTokens);
        ArgumentNullException.ThrowIfNull(Sampling);
        tokens.CheckStops(StopTokens, nameof(StopTokens));
        Sampling.Check();
    }
}
