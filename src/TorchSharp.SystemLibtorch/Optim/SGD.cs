using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Gradient descent, with momentum where it is asked for.</summary>
public class SGD : OptimizerHelper, optim.IMomentum
{
    /// <summary>One group of parameters.</summary>
    public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    /// <summary>Groups of parameters; what a group leaves open is taken from here.</summary>
    /// <exception cref="ArgumentException">A value is negative, or Nesterov's step goes without momentum or with dampening.</exception>
    public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        : base(Defaults(lr, momentum, dampening, weight_decay, nesterov, maximize), parameters)
    {
    }

    /// <summary>The momentum of groups to come that set none.</summary>
    public double Momentum { get => ((Options)_defaults).momentum.Value; set => ((Options)_defaults).momentum = value; }

    /// <inheritdoc/>
    public override Tensor step(Func<Tensor> closure = null) =>
        Step<Options, State>(closure, state => state.momentum_buffer is null ? 0 : 1, Update);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private static void Update(Options options, Batch<State> batch)
    {
        var gradients = batch.EffectiveGradients(options.maximize, options.weight_decay);
        if (options.momentum is not (null or 0))
        {
            var buffers = Accumulate(batch, gradients, options.momentum.Value, 1 - options.dampening.Value);
            gradients = options.nesterov == true ? Foreach.Add(gradients, buffers, options.momentum.Value) : buffers;
        }

        Foreach.AddTo(batch.Parameters, gradients, -options.LearningRate.Value);
    }

    private static Tensor[] Accumulate(Batch<State> batch, Tensor[] gradients, double momentum, double share)
    {
        if (batch.States[0].momentum_buffer is null)
        {
            foreach (var (state, gradient) in batch.States.Zip(gradients))
                state.momentum_buffer = gradient.clone().DetachFromDisposeScope();
            return batch.Of(state => state.momentum_buffer);
        }

        var buffers = batch.Of(state => state.momentum_buffer);
        Foreach.MultiplyBy(buffers, momentum);
        Foreach.AddTo(buffers, gradients, share);
        return buffers;
    }

    private static Options Defaults(double lr, double momentum, double dampening, double weight_decay, bool nesterov, bool maximize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lr);
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
        if (nesterov && (momentum <= 0 || dampening != 0))
            throw new ArgumentException("Nesterov's step needs momentum and no dampening.", nameof(nesterov));
        return new() { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize };
    }

    /// <summary>Options of a group; null takes the optimizer's.</summary>
    public class Options : OptimizerOptions
    {
        /// <summary>The share of the step before that goes on into the next.</summary>
        public double? momentum;

        /// <summary>What the gradient loses on its way into the momentum.</summary>
        public double? dampening;

        /// <summary>The share of the parameters added to the gradient.</summary>
        public double? weight_decay;

        /// <summary>Whether to look ahead by one step of momentum.</summary>
        public bool? nesterov;

        /// <summary>Whether to climb.</summary>
        public bool? maximize;
    }

    /// <summary>A group for <see cref="SGD"/>.</summary>
    public class ParamGroup : ParamGroup<Options>, optim.IMomentum
    {
        /// <inheritdoc/>
        public ParamGroup()
        {
        }

        /// <inheritdoc/>
        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options)
        {
        }

        /// <summary>A group that sets every option.</summary>
        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : base(parameters, Defaults(lr, momentum, dampening, weight_decay, nesterov, maximize))
        {
        }

        /// <inheritdoc/>
        public double Momentum { get => Options.momentum.Value; set => Options.momentum = value; }
    }

    /// <summary>What is remembered of a parameter.</summary>
    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        /// <summary>The gradients so far, fading; null before the first step.</summary>
        public Tensor momentum_buffer;

        /// <inheritdoc/>
        public override void Initialize(OptimizerOptions options) => Dispose();

        /// <inheritdoc/>
        public override void to(Device device) => Set(ref momentum_buffer, momentum_buffer?.to(device));

        /// <inheritdoc/>
        public override void SaveStateDict(BinaryWriter writer) => WriteOptional(writer, momentum_buffer);

        /// <inheritdoc/>
        public override void LoadStateDict(BinaryReader reader) => Set(ref momentum_buffer, ReadOptional(reader));

        /// <inheritdoc/>
        public override void LoadStateDict(OptimizerState source) => Set(ref momentum_buffer, CopyOf(((State)source).momentum_buffer));

        /// <inheritdoc/>
        public void Dispose() => Set(ref momentum_buffer, null);
    }
}
