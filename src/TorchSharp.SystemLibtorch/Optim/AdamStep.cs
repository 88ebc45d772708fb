using Tensor = TorchSharp.torch.Tensor;

namespace TorchSharp.Modules;

/// <summary>The step that Adam and AdamW have in common, for a list of parameters that have taken equally many steps.</summary>
internal readonly record struct AdamStep(double Rate, double Beta1, double Beta2, double Epsilon)
{
    /// <summary>
    /// Takes step number <paramref name="step"/>: moves the averages of the gradients and of their squares, and the parameters
    /// by Rate · m̂ / (√v̂ + Epsilon) (arXiv 1412.6980, algorithm 1); with <paramref name="highest"/>, by the highest v so far
    /// (arXiv 1904.09237, algorithm 2).
    /// </summary>
    public void Take(long step, Tensor[] parameters, Tensor[] gradients, Tensor[] averages, Tensor[] squares, Tensor[] highest)
    {
        Foreach.MultiplyBy(averages, Beta1);
        Foreach.AddTo(averages, gradients, 1 - Beta1);
        Foreach.MultiplyBy(squares, Beta2);
        Foreach.AddProductTo(squares, gradients, gradients, 1 - Beta2);
        if (highest is not null)
            Foreach.RaiseTo(highest, squares);

        var divisors = Foreach.SquareRoot(highest ?? squares);
        Foreach.DivideBy(divisors, Math.Sqrt(1 - Math.Pow(Beta2, step)));
        Foreach.AddTo(divisors, Epsilon);
        Foreach.AddQuotientTo(parameters, averages, divisors, -Rate / (1 - Math.Pow(Beta1, step)));
    }

    /// <exception cref="ArgumentOutOfRangeException">A value is negative, or a beta 1 or more.</exception>
    public static void Check(double lr, double beta1, double beta2, double eps, double weight_decay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lr);
        ArgumentOutOfRangeException.ThrowIfNegative(beta1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(beta2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(eps);
        ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
    }
}
