using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>An optimizer with options for each group and state for each parameter, saved and loaded as they stand.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    /// <summary>The options of a group that sets none.</summary>
    protected OptimizerOptions _defaults;

    private readonly List<(ParamGroup Group, List<Parameter> Parameters)> _groups = [];
    private readonly Dictionary<Parameter, OptimizerState> _states = new(ReferenceEqualityComparer.Instance);

    private protected OptimizerHelper(OptimizerOptions defaults, IEnumerable<ParamGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups, "parameters");
        _defaults = defaults;
        foreach (var group in groups)
            add_param_group(group);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">One of the parameters is in another group, or the options are another optimizer's.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        ArgumentNullException.ThrowIfNull(param_group.Parameters);
        List<Parameter> parameters = [.. param_group.Parameters.Distinct(ReferenceEqualityComparer.Instance).Cast<Parameter>()];
        if (parameters.Any(_states.ContainsKey))
            throw new ArgumentException("A parameter is in another group already.", nameof(param_group));
        param_group.Options = _defaults.Complete(param_group.Options);
        base.add_param_group(param_group);
        _groups.Add((param_group, parameters));
        foreach (var parameter in parameters)
        {
            var state = _states[parameter] = NewState(parameter);
            state.Initialize(param_group.Options);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters() => _groups.SelectMany(group => group.Parameters);

    /// <summary>Moves the state to a device.</summary>
    public void to(Device device)
    {
        foreach (var state in States)
            state.to(device);
    }

    /// <summary>The state as it stands: steps taken later show in it.</summary>
    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (var (group, parameters) in _groups)
        {
            result.Options.Add(group.Options);
            result.StateIndexRef.Add([.. Enumerable.Range(result.State.Count, parameters.Count)]);
            result.State.AddRange(parameters.Select(parameter => _states[parameter]));
        }

        return result;
    }

    /// <summary>Copies the state of another optimizer of the same kind over parameters of the same shapes.</summary>
    /// <exception cref="ArgumentException">The number of groups or of parameters differs.</exception>
    public virtual void load_state_dict(StateDictionary state_dict)
    {
        CheckCounts(state_dict.Options.Count, state_dict.State.Count);
        foreach (var (group, source) in _groups.Zip(state_dict.Options))
            group.Group.Options.LoadStateDict(source);
        foreach (var (state, source) in States.Zip(state_dict.State).Where(pair => pair.First != pair.Second))
            state.LoadStateDict(source);
    }

    /// <summary>Writes the state to a file, in TorchSharp's format.</summary>
    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    /// <summary>Writes the state, in TorchSharp's format.</summary>
    public void save_state_dict(BinaryWriter writer)
    {
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt64(_groups.Count);
        writer.Write7BitEncodedInt64(_states.Count);
        foreach (var (group, _) in _groups)
            group.Options.SaveStateDict(writer);
        foreach (var state in States)
            state.SaveStateDict(writer);
    }

    /// <summary>Reads what <see cref="save_state_dict(string)"/> wrote.</summary>
    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    /// <summary>Reads what <see cref="save_state_dict(BinaryWriter)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is another optimizer's.</exception>
    /// <exception cref="ArgumentException">The number of groups or of parameters differs.</exception>
    public void load_state_dict(BinaryReader reader)
    {
        var kind = reader.ReadString();
        if (kind != GetType().Name)
            throw new InvalidDataException($"Expected the state of {GetType().Name}, found that of '{kind}'.");
        CheckCounts(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        foreach (var (group, _) in _groups)
            group.Options.LoadStateDict(reader);
        foreach (var state in States)
            state.LoadStateDict(reader);
    }

    private protected override void DisposeState()
    {
        foreach (var state in States)
            ((IDisposable)state).Dispose();
    }

    private protected abstract OptimizerState NewState(Parameter parameter);

    /// <summary>
    /// Changes the parameters that have a gradient, a group at a time.
    /// Those of a group whose state has another <paramref name="stage"/> (steps taken, mostly) go separately:
    /// a batch shares its factors, so that one native call serves all of it.
    /// </summary>
    private protected Tensor Step<TOptions, TState>(Func<Tensor> closure, Func<TState, long> stage, Action<TOptions, Batch<TState>> update)
        where TOptions : OptimizerOptions
        where TState : OptimizerState
    {
        Tensor loss = null;
        if (closure is not null)
            using (enable_grad())
                loss = closure();
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (group, parameters) in _groups)
        {
            var ready = parameters.Select(parameter => (Parameter: parameter, Gradient: parameter.grad, State: (TState)_states[parameter]));
            foreach (var batch in ready.Where(item => item.Gradient is not null).ToLookup(item => stage(item.State)))
                update((TOptions)group.Options, new([.. batch.Select(b => b.Parameter)], [.. batch.Select(b => b.Gradient)], [.. batch.Select(b => b.State)]));
        }

        return loss;
    }

    /// <summary>Parameters with their gradients and state, place for place.</summary>
    private protected sealed record Batch<TState>(Tensor[] Parameters, Tensor[] Gradients, TState[] States)
    {
        /// <summary>The gradients, turned round to maximize, plus the decay's share of the parameters.</summary>
        public Tensor[] EffectiveGradients(bool? maximize, double? decay)
        {
            var gradients = maximize == true ? Foreach.Negative(Gradients) : Gradients;
            return decay is null or 0 ? gradients : Foreach.Add(gradients, Parameters, decay.Value);
        }

        public Tensor[] Of(Func<TState, Tensor> tensor) => Array.ConvertAll(States, state => tensor(state));
    }

    private IEnumerable<OptimizerState> States => _groups.SelectMany(group => group.Parameters).Select(parameter => _states[parameter]);

    private void CheckCounts(long groups, long states)
    {
        if (groups != _groups.Count || states != _states.Count)
            throw new ArgumentException($"Expected the state of {_groups.Count} groups with {_states.Count} parameters, not of {groups} with {states}.");
    }
}
