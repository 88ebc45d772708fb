namespace ContextAware.Models.Training;

/// <summary>
/// What of Adam's rule is the same for a whole tensor. For a weight w with gradient g: g' = Scale·g + Pull·w, the averages
/// m += ToAverage·(g' − m) and v += ToSquare·(g'² − v), and w = Keep·w + Rate·m / (Root·√v + Least).
/// </summary>
internal readonly record struct AdamFactors
{
    private const double Epsilon = 1e-8;

    /// <param name="kind">Where the weight decay goes: into the gradient, or past it (Loshchilov and Hutter 2019, arXiv 1711.05101).</param>
    /// <param name="step">Which step of the weight it is, from 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="beta1">How slowly m moves.</param>
    /// <param name="beta2">How slowly v moves.</param>
    /// <param name="decay">How far weights are pulled to 0.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    public AdamFactors(OptimizerKind kind, long step, double rate, double beta1, double beta2, double decay, double scale)
    {
        var isAdam = kind == OptimizerKind.Adam;
        Scale = (float)scale;
        Pull = isAdam ? (float)decay : 0;
        Keep = isAdam ? 1 : (float)(1 - (rate * decay));
        ToAverage = (float)(1 - beta1);
        ToSquare = (float)(1 - beta2);
        // Both averages begin at 0: these make up for it.
        Rate = (float)(-rate / (1 - Math.Pow(beta1, step)));
        Root = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step)));
        Least = (float)Epsilon;
    }

    public float Scale { get; }

    public float Pull { get; }

    public float Keep { get; }

    public float ToAverage { get; }

    public float ToSquare { get; }

    public float Rate { get; }

    public float Root { get; }

    public float Least { get; }
}
