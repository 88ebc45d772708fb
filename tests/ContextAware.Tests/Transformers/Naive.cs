using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

/// <summary>The parts of transformer blocks as loops in float64, over rows [N, D].</summary>
public static class Naive
{
    /// <summary>Every activation, with biases and without.</summary>
    public static TheoryData<Activation, bool> Activations
    {
        get
        {
            var data = new TheoryData<Activation, bool>();
            foreach (var activation in Enum.GetValues<Activation>())
            {
                data.Add(activation, true);
                data.Add(activation, false);
            }
            return data;
        }
    }

    /// <summary>[N, F] from rows of D.</summary>
    internal static double[,] Linear(Tensor input, Linear linear) => Linear(Rows(input), linear);

    internal static double[,] Linear(double[,] input, Linear linear)
    {
        var weight = TensorArrays.Matrix(linear.weight);
        var bias = linear.bias is { } there ? TensorArrays.Flat(there) : new double[weight.GetLength(0)];
        var output = new double[input.GetLength(0), bias.Length];
        for (var n = 0; n < input.GetLength(0); n++)
            for (var f = 0; f < bias.Length; f++)
            {
                output[n, f] = bias[f];
                for (var d = 0; d < input.GetLength(1); d++)
                    output[n, f] += weight[f, d] * input[n, d];
            }
        return output;
    }

    internal static double[,] Map(double[,] input, Func<double, double> function)
    {
        var output = new double[input.GetLength(0), input.GetLength(1)];
        for (var n = 0; n < input.GetLength(0); n++)
            for (var d = 0; d < input.GetLength(1); d++)
                output[n, d] = function(input[n, d]);
        return output;
    }

    internal static double[,] Rows(Tensor input) => TensorArrays.Matrix(input.reshape(-1, input.shape[^1]));

    internal static Func<double, double> Of(Activation activation) => activation switch
    {
        Activation.Relu => x => x > 0 ? x : 0,
        Activation.Gelu => x => x * NormalDistribution(x),
        Activation.GeluTanh => x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        _ => x => x / (1 + Math.Exp(-x)),
    };

    // Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/15 + …), a series that converges everywhere (Marsaglia 2004).
    private static double NormalDistribution(double x)
    {
        double term = x, sum = x;
        for (var i = 3; i < 200; i += 2)
            sum += term *= x * x / i;
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }
}
