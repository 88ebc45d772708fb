using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>RMSProp (Hinton's lecture 6e): steps by the gradient over the root of its running square.</summary>
public class RMSProp : OptimizerHelper, optim.IMomentum
{
    /// <summary>One group of parameters.</summary>
    public RMSProp(IEnumerable<Parameter> parameters, double lr = 0.001, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
    {
    }

    /// <summary>Groups of parameters; what a group leaves open is taken from here.</summary>
    /// <exception cref="ArgumentException">A value is negative.</exception>
    public RMSProp(IEnumerable<ParamGroup> parameters, double lr = 0.001, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false)
        : base(Defaults(lr, alpha, eps, weight_decay, momentum, centered, maximize), parameters)
    {
    }

    /// <summary>The momentum of groups to come that set none.</summary>
    public double Momentum { get => ((Options)_defaults).momentum.Value; set => ((Options)_defaults).momentum = value; }

    /// <inheritdoc/>
    public override Tensor step(Func<Tensor> closure = null) => Step<Options, State>(closure, _ => 0, Update);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private static void Update(Options options, Batch<State> batch)
    {
        var (alpha, rate) = (options.alpha.Value, options.LearningRate.Value);
        var gradients = batch.EffectiveGradients(options.maximize, options.weight_decay);
        foreach (var state in batch.States)
            state.step++;
        var squares = batch.Of(state => state.square_avg);
        Foreach.MultiplyBy(squares, alpha);
        Foreach.AddProductTo(squares, gradients, gradients, 1 - alpha);
        var divisors = Foreach.SquareRoot(options.centered == true ? Variances(batch, gradients, squares, alpha) : squares);
        Foreach.AddTo(divisors, options.eps.Value);
        if (options.momentum is null or 0)
        {
            Foreach.AddQuotientTo(batch.Parameters, gradients, divisors, -rate);
            return;
        }

        var buffers = batch.Of(state => state.momentum_buffer);
        Foreach.MultiplyBy(buffers, options.momentum.Value);
        Foreach.AddQuotientTo(buffers, gradients, divisors, 1);
        Foreach.AddTo(batch.Parameters, buffers, -rate);
    }

    private static Tensor[] Variances(Batch<State> batch, Tensor[] gradients, Tensor[] squares, double alpha)
    {
        var means = batch.Of(state => state.grad_avg);
        Foreach.MultiplyBy(means, alpha);
        Foreach.AddTo(means, gradients, 1 - alpha);
        return Foreach.AddProduct(squares, means, means, -1);
    }

    private static Options Defaults(double lr, double alpha, double eps, double weight_decay, double momentum, bool centered, bool? maximize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lr);
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        ArgumentOutOfRangeException.ThrowIfNegative(eps);
        ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        return new() { LearningRate = lr, maximize = maximize, momentum = momentum, alpha = alpha, eps = eps, weight_decay = weight_decay, centered = centered };
    }

    /// <summary>Options of a group; null takes the optimizer's.</summary>
    public class Options : OptimizerOptions
    {
        /// <summary>Whether to climb.</summary>
        public bool? maximize;

        /// <summary>The share of the step before that goes on into the next.</summary>
        public double? momentum;

        /// <summary>How slowly the average of the square moves.</summary>
        public double? alpha;

        /// <summary>Added to the root, against division by zero.</summary>
        public double? eps;

        /// <summary>The share of the parameters added to the gradient.</summary>
        public double? weight_decay;

        /// <summary>Whether to divide by the root of the variance in the place of the square.</summary>
        public bool? centered;
    }

    /// <summary>A group for <see cref="RMSProp"/>.</summary>
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

        /// <summary>A group that sets every option but <c>maximize</c>, which is the optimizer's.</summary>
        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double eps = 1e-8, double alpha = 0.99, double weight_decay = 0, double momentum = 0, bool centered = false)
            : base(parameters, Defaults(lr, alpha, eps, weight_decay, momentum, centered, maximize: null))
        {
        }

        /// <inheritdoc/>
        public double Momentum { get => Options.momentum.Value; set => Options.momentum = value; }
    }

    /// <summary>What is remembered of a parameter.</summary>
    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        /// <summary>Steps taken.</summary>
        public long step;

        /// <summary>The running average of the gradient's square.</summary>
        public Tensor square_avg;

        /// <summary>The steps so far, fading.</summary>
        public Tensor momentum_buffer;

        /// <summary>The running average of the gradient.</summary>
        public Tensor grad_avg;

        /// <inheritdoc/>
        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            Set(ref square_avg, Zeros());
            Set(ref momentum_buffer, Zeros());
            Set(ref grad_avg, Zeros());
        }

        /// <inheritdoc/>
        public override void to(Device device)
        {
            Set(ref square_avg, square_avg.to(device));
            Set(ref momentum_buffer, momentum_buffer.to(device));
            Set(ref grad_avg, grad_avg.to(device));
        }

        /// <inheritdoc/>
        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            square_avg.Save(writer);
            WriteOptional(writer, momentum_buffer);
            WriteOptional(writer, grad_avg);
        }

        /// <inheritdoc/>
        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Set(ref square_avg, Read(reader));
            Set(ref momentum_buffer, ReadOptional(reader));
            Set(ref grad_avg, ReadOptional(reader));
        }

        /// <inheritdoc/>
        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            step = other.step;
            Set(ref square_avg, CopyOf(other.square_avg));
            Set(ref momentum_buffer, CopyOf(other.momentum_buffer));
            Set(ref grad_avg, CopyOf(other.grad_avg));
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Set(ref square_avg, null);
            Set(ref momentum_buffer, null);
            Set(ref grad_avg, null);
        }
    }
}
