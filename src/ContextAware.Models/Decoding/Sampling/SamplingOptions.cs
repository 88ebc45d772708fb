namespace ContextAware.Models.Decoding.Sampling;

/// <summary>How a next symbol is drawn. The filters work in the order of these properties; by default none does anything.</summary>
public sealed record SamplingOptions
{
    /// <summary>The likeliest symbol every time: nothing is drawn.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>See <see cref="LogitFilters.RepetitionPenalty"/>; 1 changes nothing.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>See <see cref="LogitFilters.Temperature"/>; 0 takes the likeliest symbol, 1 changes nothing.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>See <see cref="LogitFilters.TopK"/>; null keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>See <see cref="LogitFilters.TopP"/>; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>See <see cref="LogitFilters.MinP"/>; 0 keeps all.</summary>
    public double MinP { get; init; }

    /// <summary>Whether the likeliest symbol is taken and nothing drawn.</summary>
    public bool IsGreedy => Temperature == 0;

    /// <summary>Throws if a number is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number's name, what was expected, and what came.</exception>
    internal void Check()
    {
        LogitFilters.Positive(RepetitionPenalty, nameof(RepetitionPenalty));
        if (!IsGreedy) LogitFilters.Positive(Temperature, nameof(Temperature));
        if (TopK is { } k) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k, nameof(TopK));
        LogitFilters.Share(TopP, nameof(TopP), withZero: false);
        LogitFilters.Share(MinP, nameof(MinP), withZero: true);
    }
}
