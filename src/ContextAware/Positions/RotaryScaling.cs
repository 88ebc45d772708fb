namespace ContextAware.Positions;

/// <summary>How rotary frequencies are changed for sequences longer than those of the training.</summary>
/// <remarks>With the frequencies θ_i = base^(-2i/R), wave lengths λ_i = 2π/θ_i, and the factor s = new length / old length.</remarks>
public abstract class RotaryScaling
{
    private protected RotaryScaling()
    {
    }

    /// <summary>What cosines and sines are multiplied by.</summary>
    internal virtual double Magnitude => 1;

    /// <summary>θ_i for i from 0 to width/2.</summary>
    internal abstract double[] Frequencies(long width, double period);

    /// <summary>Position interpolation: θ_i / s. Chen et al. 2023, "Extending context window of large language models via
    /// positional interpolation", equation 4.</summary>
    /// <param name="factor">s, at least 1.</param>
    public static RotaryScaling Linear(double factor) => new LinearScaling(Positive(factor));

    /// <summary>A larger base, base · s^(R/(R-2)), which keeps the high frequencies: the "NTK-aware" scaling of Peng et al.
    /// 2023, "YaRN", section 3.1.</summary>
    /// <param name="factor">s, at least 1.</param>
    public static RotaryScaling Ntk(double factor) => new NtkScaling(Positive(factor));

    /// <summary>
    /// Peng et al. 2023, "YaRN: efficient context window extension of large language models", sections 3.2 to 3.4: frequencies
    /// that turn more than <paramref name="fast"/> times within the old length stay, those that turn less than
    /// <paramref name="slow"/> times are divided by s, those between are mixed, and cosines and sines are multiplied by
    /// 0.1 ln s + 1. The ramp runs over the frequency's index, as in the authors' program, where the paper's γ runs over the
    /// number of turns.
    /// </summary>
    /// <param name="factor">s, at least 1.</param>
    /// <param name="originalLength">The length of the training.</param>
    /// <param name="fast">β of the paper.</param>
    /// <param name="slow">α of the paper.</param>
    /// <param name="magnitude">What cosines and sines are multiplied by, instead of 0.1 ln s + 1.</param>
    /// <param name="truncate">Whether the ramp begins and ends at whole numbers, as in the authors' program and most published
    /// weights; false for those whose settings say <c>"truncate": false</c>.</param>
    public static RotaryScaling Yarn(
        double factor, long originalLength, double fast = 32, double slow = 1, double? magnitude = null, bool truncate = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(originalLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slow);
        ArgumentOutOfRangeException.ThrowIfLessThan(fast, slow);
        return new YarnScaling(Positive(factor), originalLength, fast, slow, magnitude ?? 0.1 * Math.Log(factor) + 1, truncate);
    }

    /// <summary>
    /// Llama 3.1's scaling: wave lengths below L/<paramref name="highFactor"/> stay, those above L/<paramref name="lowFactor"/>
    /// become s times as long, and between the two the frequencies are mixed linearly in L/λ. Grattafiori et al. 2024,
    /// "The Llama 3 herd of models"; the formula is in the published program.
    /// </summary>
    /// <param name="factor">s, at least 1; 8 in Llama 3.1.</param>
    /// <param name="originalLength">L, the length of the training.</param>
    /// <param name="lowFactor">1 in Llama 3.1.</param>
    /// <param name="highFactor">4 in Llama 3.1.</param>
    public static RotaryScaling Llama3(double factor = 8, long originalLength = 8192, double lowFactor = 1, double highFactor = 4)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(originalLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lowFactor);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(highFactor, lowFactor);
        return new Llama3Scaling(Positive(factor), originalLength, lowFactor, highFactor);
    }

    private static double Positive(double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        return factor;
    }

    private sealed class LinearScaling(double factor) : RotaryScaling
    {
        internal override double[] Frequencies(long width, double period) =>
            Array.ConvertAll(Positions.Frequencies.Geometric(width, period), theta => theta / factor);
    }

    private sealed class NtkScaling(double factor) : RotaryScaling
    {
        // Two components have one frequency, 1, and nothing to scale.
        internal override double[] Frequencies(long width, double period) =>
            Positions.Frequencies.Geometric(width, width == 2 ? period : period * Math.Pow(factor, width / (width - 2.0)));
    }

    private sealed class YarnScaling(
        double factor, long originalLength, double fast, double slow, double magnitude, bool truncate) : RotaryScaling
    {
        internal override double Magnitude => magnitude;

        internal override double[] Frequencies(long width, double period)
        {
            // The index whose frequency turns this often within the original length.
            double Index(double turns) => width * Math.Log(originalLength / (turns * 2 * Math.PI)) / (2 * Math.Log(period));
            var (from, to) = (Index(fast), Index(slow));
            var first = Math.Max(truncate ? Math.Floor(from) : from, 0);
            var last = Math.Min(truncate ? Math.Ceiling(to) : to, width - 1);
            var span = Math.Max(last - first, 0.001);
            return [.. Positions.Frequencies.Geometric(width, period).Select((theta, i) =>
            {
                var ramp = Math.Clamp((i - first) / span, 0, 1);
                return theta * (1 - ramp) + theta / factor * ramp;
            })];
        }
    }

    private sealed class Llama3Scaling(double factor, long originalLength, double lowFactor, double highFactor) : RotaryScaling
    {
        internal override double[] Frequencies(long width, double period) =>
            Array.ConvertAll(Positions.Frequencies.Geometric(width, period), theta =>
            {
                var turns = originalLength * theta / (2 * Math.PI);  // L/λ
                var kept = Math.Clamp((turns - lowFactor) / (highFactor - lowFactor), 0, 1);
                return (1 - kept) * theta / factor + kept * theta;
            });
    }
}
