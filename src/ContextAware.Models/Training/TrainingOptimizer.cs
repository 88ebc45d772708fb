using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Adam or AdamW, with what it remembers open to be kept and put back.</summary>
internal sealed class TrainingOptimizer : IDisposable
{
    private readonly OptimizerHelper optimizer;
    private readonly string[] names;

    public TrainingOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, TrainerOptions options)
    {
        names = [.. parameters.Select(pair => pair.Name)];
        var moved = parameters.Select(pair => pair.Parameter);
        optimizer = options.Optimizer switch
        {
            OptimizerKind.Adam => optim.Adam(moved, options.LearningRate, options.Beta1, options.Beta2, weight_decay: options.WeightDecay),
            OptimizerKind.AdamW => optim.AdamW(moved, options.LearningRate, options.Beta1, options.Beta2, weight_decay: options.WeightDecay),
            var other => throw new ArgumentOutOfRangeException(nameof(options), other, "Expected Adam or AdamW."),
        };
    }

    /// <summary>The averages of the gradients and of their squares, by the parameters' names.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Moments => names.Zip(States).SelectMany(pair =>
    {
        var (average, square) = pair.Second switch
        {
            Adam.State state => (state.exp_avg, state.exp_avg_sq),
            AdamW.State state => (state.exp_avg, state.exp_avg_sq),
            var other => throw Unknown(other),
        };
        return new[] { KeyValuePair.Create($"{pair.First}.exp_avg", average), KeyValuePair.Create($"{pair.First}.exp_avg_sq", square) };
    });

    // The dictionary holds the states that the optimizer works with, not copies of them.
    private List<OptimizerState> States => optimizer.state_dict().State;

    /// <summary>How many steps each parameter has taken.</summary>
    public IReadOnlyList<long> Steps() => [.. States.Select(state => state switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        var other => throw Unknown(other),
    })];

    /// <summary>Puts back what <see cref="Steps"/> gave.</summary>
    public void SetSteps(IReadOnlyList<long> steps)
    {
        foreach (var (state, step) in States.Zip(steps))
        {
            if (state is Adam.State adam) adam.step = step;
            else if (state is AdamW.State decayed) decayed.step = step;
            else throw Unknown(state);
        }
    }

    /// <summary>Moves the parameters.</summary>
    public void Step(double rate)
    {
        foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
        optimizer.step();
    }

    public void Dispose() => optimizer.Dispose();

    private static NotSupportedException Unknown(OptimizerState state) => new($"{state.GetType()} is neither Adam's state nor AdamW's.");
}
