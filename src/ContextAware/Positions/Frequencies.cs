using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>Geometric frequencies, and the angles that positions have with them.</summary>
internal static class Frequencies
{
    /// <summary>period^(-2i/width) for i from 0 while 2i is below the width.</summary>
    internal static double[] Geometric(long width, double period) =>
        [.. Enumerable.Range(0, checked((int)((width + 1) / 2))).Select(i => Math.Pow(period, -2.0 * i / width))];

    /// <summary>Position times frequency, [length, frequencies], float64 on the CPU.</summary>
    internal static Tensor Angles(long length, double[] frequencies) =>
        arange(length, ScalarType.Float64, CPU).outer(tensor(frequencies, ScalarType.Float64, CPU));
}
