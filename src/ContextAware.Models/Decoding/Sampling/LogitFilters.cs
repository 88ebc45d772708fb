using System.Buffers;

namespace ContextAware.Models.Decoding.Sampling;

/// <summary>
/// Changes the logits of the next symbol before one is drawn: a symbol that is ruled out gets −∞. All work in place on one
/// row of V logits in memory, without a native call.
/// </summary>
/// <remarks>Of symbols with equal logits either all stay or none. At least one symbol always stays.</remarks>
public static class LogitFilters
{
    /// <summary>
    /// Makes symbols that were written before less likely: a positive logit is divided by the penalty, a negative one
    /// multiplied with it (Keskar et al. 2019, arXiv 1909.05858, section 4.1, for logits of either sign).
    /// </summary>
    /// <param name="logits">[V].</param>
    /// <param name="written">The symbols that were written, each once.</param>
    /// <param name="penalty">θ, above 0; 1.2 is usual, 1 changes nothing, less than 1 rewards repetition.</param>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not positive and finite, or a symbol is not below V.</exception>
    public static void RepetitionPenalty(Span<float> logits, IReadOnlySet<int> written, double penalty)
    {
        ArgumentNullException.ThrowIfNull(written);
        Positive(penalty, nameof(penalty));
        if (penalty == 1) return;
        var factor = (float)penalty;
        foreach (var symbol in written)
        {
            if ((uint)symbol >= (uint)logits.Length)
                throw new ArgumentOutOfRangeException(nameof(written), symbol, $"Expected symbols from 0 to {logits.Length - 1}.");
            ref var logit = ref logits[symbol];
            logit = logit > 0 ? logit / factor : logit * factor;
        }
    }

    /// <summary>Divides by the temperature: below 1 the likely becomes likelier, above 1 all become more alike.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="temperature">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not positive and finite.</exception>
    public static void Temperature(Span<float> logits, double temperature)
    {
        Positive(temperature, nameof(temperature));
        var best = Best(logits);
        if (temperature == 1 || float.IsNegativeInfinity(best)) return;
        // Relative to the best one, so that a tiny temperature gives −∞ and not ∞.
        foreach (ref var logit in logits) logit = (float)(((double)logit - best) / temperature);
    }

    /// <summary>Keeps the k likeliest symbols (Fan et al. 2018, arXiv 1805.04833, section 5.4).</summary>
    /// <param name="logits">[V].</param>
    /// <param name="k">How many, above 0; V and more keep all.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not positive.</exception>
    public static void TopK(Span<float> logits, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        if (k >= logits.Length) return;
        var sorted = ArrayPool<float>.Shared.Rent(logits.Length);
        try
        {
            var ascending = Ascending(logits, sorted);
            KeepFrom(logits, ascending[^k]);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(sorted);
        }
    }

    /// <summary>Keeps the fewest, likeliest symbols whose probabilities add up to p: the nucleus (Holtzman et al. 2020, arXiv
    /// 1904.09751, eq. 2 and 3).</summary>
    /// <param name="logits">[V].</param>
    /// <param name="p">Above 0, at most 1; 1 keeps all.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is out of range.</exception>
    public static void TopP(Span<float> logits, double p)
    {
        Share(p, nameof(p), withZero: false);
        var best = Best(logits);
        if (p == 1 || float.IsNegativeInfinity(best)) return;
        var sorted = ArrayPool<float>.Shared.Rent(logits.Length);
        try
        {
            var ascending = Ascending(logits, sorted);
            var enough = p * Sum(ascending, best);
            var (last, sum) = (ascending.Length, 0.0);
            while (last > 0 && sum < enough) sum += Math.Exp(ascending[--last] - best);
            KeepFrom(logits, ascending[last]);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(sorted);
        }
    }

    /// <summary>Keeps the symbols that are at least p times as probable as the likeliest (Nguyen et al. 2024, arXiv 2407.01082,
    /// section 3).</summary>
    /// <param name="logits">[V].</param>
    /// <param name="p">From 0, which keeps all, to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is out of range.</exception>
    public static void MinP(Span<float> logits, double p)
    {
        Share(p, nameof(p), withZero: true);
        if (p > 0) KeepFrom(logits, Best(logits) + Math.Log(p));
    }

    /// <summary>All that the options ask for, in their order. With a temperature of 0 only the penalty: the best symbol stays the best.</summary>
    internal static void Apply(Span<float> logits, IReadOnlySet<int> written, SamplingOptions options)
    {
        RepetitionPenalty(logits, written, options.RepetitionPenalty);
        if (options.IsGreedy) return;
        Temperature(logits, options.Temperature);
        if (options.TopK is { } k) TopK(logits, k);
        TopP(logits, options.TopP);
        MinP(logits, options.MinP);
    }

    /// <summary>A finite number above 0.</summary>
    internal static void Positive(double value, string name)
    {
        if (!double.IsFinite(value) || value <= 0) throw new ArgumentOutOfRangeException(name, value, "Expected a finite number above 0.");
    }

    /// <summary>A number from 0 to 1.</summary>
    internal static void Share(double value, string name, bool withZero)
    {
        if (!(value is > 0 and <= 1) && !(withZero && value == 0))
            throw new ArgumentOutOfRangeException(name, value, withZero ? "Expected a number from 0 to 1." : "Expected a number above 0, at most 1.");
    }

    /// <summary>Σ exp(logit − best).</summary>
    internal static double Sum(ReadOnlySpan<float> logits, float best)
    {
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - best);
        return sum;
    }

    /// <summary>Where the largest logit is, the first one of several.</summary>
    internal static int IndexOfBest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var symbol = 1; symbol < logits.Length; symbol++)
        {
            if (logits[symbol] > logits[best]) best = symbol;
        }

        return best;
    }

    private static float Best(ReadOnlySpan<float> logits) => logits.IsEmpty ? float.NegativeInfinity : logits[IndexOfBest(logits)];

    private static Span<float> Ascending(ReadOnlySpan<float> logits, float[] rented)
    {
        var copy = rented.AsSpan(0, logits.Length);
        logits.CopyTo(copy);
        copy.Sort();
        return copy;
    }

    private static void KeepFrom(Span<float> logits, double least)
    {
        foreach (ref var logit in logits)
        {
            if (logit < least) logit = float.NegativeInfinity;
        }
    }
}
