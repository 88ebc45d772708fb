using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Whether scores are so small that softmax needs no shift: then e^score neither overflows nor vanishes as it is, and
/// neither the largest score of a row nor a pass that divides all weights is needed.
/// </summary>
internal static class ScoreBound
{
    /// <summary>e^−40 to e^40, 10^−18 to 10^17: no weight that counts vanishes.</summary>
    private const double LargestScore = 40;

    /// <summary>With it, the sum of a million values weighted by e^40 is below 10^34, which float32 holds.</summary>
    private const double LargestValue = 1e10;

    /// <summary>Whether all scores and values are within the bounds; false if one is NaN. Waits for the device.</summary>
    internal static bool Holds(AttentionInputs inputs)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // Cauchy and Schwarz: |q·k| ≤ ‖q‖·‖k‖. Greater than any is the product of the longest.
        return Longest(inputs.Query) * Longest(inputs.Key) * Math.Abs(inputs.Scale) <= LargestScore
            && Longest(inputs.Value) <= LargestValue;
    }

    /// <summary>The norm of the longest vector along the last dimension.</summary>
    private static double Longest(Tensor vectors) => vectors.norm(-1).max().to(float64).item<double>();
}
