using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Adam or AdamW: what <see cref="Trainer{TBatch}"/> moves the weights with, for training loops of one's own.</summary>
/// <remarks>
/// Where all parameters are float32 on the CPU, clipping and moving go through memory once; elsewhere TorchSharp's optimizer
/// moves them, whose rule is the same. A parameter without a gradient stays where it is.
/// </remarks>
public sealed class TrainingOptimizer : IDisposable
{
    // Added to the norm when gradients are clipped, as PyTorch does.
    private const double ClipMargin = 1e-6;

    private readonly OptimizerHelper optimizer;
    private readonly string[] names;
    private readonly Parameter[] parameters;
    private readonly OptimizerState[] states;
    private readonly OptimizerKind kind;
    private readonly (double Beta1, double Beta2, double Decay) settings;

    /// <summary>Takes what to move.</summary>
    /// <param name="parameters">The parameters by name, as <c>named_parameters()</c> gives them; each of them once.</param>
    /// <param name="kind">Adam or AdamW.</param>
    /// <param name="beta1">How slowly the average of the gradient moves, from 0 up to but not including 1.</param>
    /// <param name="beta2">How slowly the average of the squared gradient moves, from 0 up to but not including 1.</param>
    /// <param name="weightDecay">How far weights are pulled to 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind is neither, or a number is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter.</exception>
    public TrainingOptimizer(
        IEnumerable<(string Name, Parameter Parameter)> parameters, OptimizerKind kind = OptimizerKind.Adam,
        double beta1 = 0.9, double beta2 = 0.999, double weightDecay = 0)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (beta1 is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(beta1), beta1, "Expected from 0 up to but not including 1.");
        if (beta2 is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(beta2), beta2, "Expected from 0 up to but not including 1.");
        if (!(weightDecay >= 0)) throw new ArgumentOutOfRangeException(nameof(weightDecay), weightDecay, "Expected at least 0.");
        var named = parameters.ToArray();
        if (named.Length == 0) throw new ArgumentException("Expected at least one parameter, got none.", nameof(parameters));
        names = Array.ConvertAll(named, pair => pair.Name);
        this.parameters = Array.ConvertAll(named, pair => pair.Parameter);
        (this.kind, settings) = (kind, (beta1, beta2, weightDecay));
        optimizer = kind switch
        {
            OptimizerKind.Adam => optim.Adam(this.parameters, beta1: beta1, beta2: beta2, weight_decay: weightDecay),
            OptimizerKind.AdamW => optim.AdamW(this.parameters, beta1: beta1, beta2: beta2, weight_decay: weightDecay),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected Adam or AdamW."),
        };
        // The dictionary holds the states that the optimizer works with, not copies of them.
        states = [.. optimizer.state_dict().State];
    }

    /// <summary>What gradients of a norm are to be multiplied by so that it is no larger than a limit: <c>min(1, limit / (norm + 10⁻⁶))</c>.</summary>
    /// <param name="norm">What <see cref="GradientNorm"/> gave.</param>
    /// <param name="limit">The largest norm; null: none.</param>
    public static double ClipFactor(double norm, double? limit) => Math.Min(1, limit / (norm + ClipMargin) ?? 1);

    /// <summary>The norm of all gradients as one vector; NaN or infinite if one of their numbers is. 0 if there are none.</summary>
    public double GradientNorm()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var moved = Moved();
        return GoesByLoops(moved)
            ? Math.Sqrt(WeightLoops.SumOfSquares([.. moved.Select(move => move.Gradient)]))
            : nn.utils.clip_grad_norm_(parameters, double.PositiveInfinity);
    }

    /// <summary>Moves the parameters by their gradients.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="factor">What the gradients are multiplied by first: <see cref="ClipFactor"/>, say. Whether the gradients themselves change is left open.</param>
    public void Step(double rate, double factor = 1)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var moved = Moved();
        if (GoesByLoops(moved))
        {
            var steps = Array.ConvertAll(moved, move => NextStep(move.State));
            WeightLoops.Move(
                [.. moved.Select(move => move.Parameter)], [.. moved.Select(move => move.Gradient)],
                [.. moved.Select(move => MomentsOf(move.State).Average)], [.. moved.Select(move => MomentsOf(move.State).Square)],
                Array.ConvertAll(steps, step => new AdamFactors(kind, step, rate, settings.Beta1, settings.Beta2, settings.Decay, factor)));
            return;
        }

        if (factor != 1)
        {
            foreach (var (_, _, gradient) in moved) gradient.mul_(factor);
        }

        foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
        optimizer.step();
    }

    /// <summary>Frees what it remembers.</summary>
    public void Dispose() => optimizer.Dispose();

    /// <summary>The averages of the gradients and of their squares, by the parameters' names.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Moments => names.Zip(states).SelectMany(pair =>
    {
        var (average, square) = MomentsOf(pair.Second);
        return new[] { KeyValuePair.Create($"{pair.First}.exp_avg", average), KeyValuePair.Create($"{pair.First}.exp_avg_sq", square) };
    });

    /// <summary>How many steps each parameter has taken.</summary>
    internal IReadOnlyList<long> Steps() => Array.ConvertAll(states, StepOf);

    /// <summary>Puts back what <see cref="Steps"/> gave.</summary>
    internal void SetSteps(IReadOnlyList<long> steps)
    {
        foreach (var (state, step) in states.Zip(steps)) SetStep(state, step);
    }

    // What has a gradient. The gradients are new tensors in the current dispose scope.
    private (Parameter Parameter, OptimizerState State, Tensor Gradient)[] Moved() =>
        [.. parameters.Zip(states, (parameter, state) => (parameter, state, parameter.grad!)).Where(move => move.Item3 is not null)];

    private static bool GoesByLoops((Parameter Parameter, OptimizerState State, Tensor Gradient)[] moved) =>
        moved.All(move => WeightLoops.Serve(move.Parameter) && WeightLoops.Serve(move.Gradient));

    private static (Tensor Average, Tensor Square) MomentsOf(OptimizerState state) => state switch
    {
        Adam.State adam => (adam.exp_avg, adam.exp_avg_sq),
        AdamW.State adam => (adam.exp_avg, adam.exp_avg_sq),
        _ => throw Unknown(state),
    };

    private static long StepOf(OptimizerState state) => state switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        _ => throw Unknown(state),
    };

    private static void SetStep(OptimizerState state, long step)
    {
        if (state is Adam.State adam) adam.step = step;
        else if (state is AdamW.State decayed) decayed.step = step;
        else throw Unknown(state);
    }

    private static long NextStep(OptimizerState state)
    {
        var step = StepOf(state) + 1;
        SetStep(state, step);
        return step;
    }

    private static NotSupportedException Unknown(OptimizerState state) => new($"{state.GetType()} is neither Adam's state nor AdamW's.");
}
