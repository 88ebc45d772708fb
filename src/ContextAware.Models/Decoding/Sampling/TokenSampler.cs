using ContextAware.Models.Data;

namespace ContextAware.Models.Decoding.Sampling;

/// <summary>
/// Chooses the next symbol of one text. It remembers what was written, and draws from random numbers of its own, which the
/// seed and the stream's number determine on every platform: what stands beside the text in a batch changes nothing.
/// </summary>
public sealed class TokenSampler
{
    private readonly SamplingOptions options;
    private readonly DeterministicRandom random;
    private readonly HashSet<int> written = [];

    /// <summary>Makes a sampler for one text.</summary>
    /// <param name="options">How to draw.</param>
    /// <param name="seed">Where all random choices come from.</param>
    /// <param name="stream">Which of the seed's streams of numbers; a batch gives each text one.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public TokenSampler(SamplingOptions options, long seed = 0, long stream = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        this.options = options;
        random = new(seed, stream);
    }

    /// <summary>Takes note of a symbol that was written, by the prompt or by the sampler's user.</summary>
    public void Observe(int symbol)
    {
        if (options.RepetitionPenalty != 1) written.Add(symbol);
    }

    /// <summary>Chooses a symbol. It is not taken note of: see <see cref="Observe"/>.</summary>
    /// <param name="logits">Unnormalised log-probabilities [V]; they are overwritten with what the filters leave.</param>
    /// <returns>From 0 to V − 1; of several best ones the first if nothing is drawn.</returns>
    /// <exception cref="ArgumentException">There is no logit, one is NaN or ∞, or all are −∞.</exception>
    public int Choose(Span<float> logits) => Flaw(logits) is { } flaw ? throw new ArgumentException(flaw, nameof(logits)) : ChooseSound(logits);

    /// <summary>Chooses a symbol as <see cref="Choose"/> does, from what a model answered.</summary>
    /// <exception cref="InvalidOperationException">The logits are no such answer.</exception>
    internal int ChooseAnswer(Span<float> logits) => Flaw(logits) is { } flaw ? throw ModelAnswer.NotFinite(flaw) : ChooseSound(logits);

    private int ChooseSound(Span<float> logits)
    {
        LogitFilters.Apply(logits, written, options);
        return options.IsGreedy ? LogitFilters.IndexOfBest(logits) : Draw(logits);
    }

    private int Draw(ReadOnlySpan<float> logits)
    {
        var best = logits[LogitFilters.IndexOfBest(logits)];
        var place = random.NextUnit() * LogitFilters.Sum(logits, best);
        var last = 0;
        for (var symbol = 0; symbol < logits.Length; symbol++)
        {
            if (float.IsNegativeInfinity(logits[symbol])) continue;
            last = symbol;
            place -= Math.Exp(logits[symbol] - best);
            if (place < 0) return symbol;
        }

        return last; // Rounding has left a crumb at the end.
    }

    // What is wrong with logits; null if nothing is.
    private static string? Flaw(ReadOnlySpan<float> logits)
    {
        if (logits.IsEmpty) return "Expected at least one logit, got none.";
        var any = false;
        for (var symbol = 0; symbol < logits.Length; symbol++)
        {
            if (float.IsNaN(logits[symbol]) || float.IsPositiveInfinity(logits[symbol])) return $"Expected finite logits or −∞, got {logits[symbol]} for symbol {symbol}.";
            any |= logits[symbol] > float.NegativeInfinity;
        }

        return any ? null : "Expected a symbol that is possible, got −∞ for all.";
    }
}
