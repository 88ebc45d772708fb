using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Adagrad (Duchi, Hazan and Singer, JMLR 12, 2011): steps by the gradient over the root of all its squares.</summary>
public class Adagrad : OptimizerHelper
{
    /// <summary>One group of parameters.</summary>
    public Adagrad(IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
        : this([new ParamGroup { Parameters = parameters }], lr, lr_decay, weight_decay, initial_accumulator_value, eps)
    {
    }

    /// <summary>Groups of parameters; what a group leaves open is taken from here.</summary>
    /// <exception cref="ArgumentException">A value is negative.</exception>
    public Adagrad(IEnumerable<ParamGroup> parameters, double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
        : base(Defaults(lr, lr_decay, weight_decay, initial_accumulator_value, eps), parameters)
    {
    }

    /// <inheritdoc/>
    public override Tensor step(Func<Tensor> closure = null) => Step<Options, State>(closure, state => state.step, Update);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private static void Update(Options options, Batch<State> batch)
    {
        var gradients = batch.EffectiveGradients(maximize: null, options.weight_decay);
        var rate = options.LearningRate.Value / (1 + (batch.States[0].step * options.lr_decay.Value));
        foreach (var state in batch.States)
            state.step++;
        var sums = batch.Of(state => state.sum);
        Foreach.AddProductTo(sums, gradients, gradients, 1);
        var divisors = Foreach.SquareRoot(sums);
        Foreach.AddTo(divisors, options.eps.Value);
        Foreach.AddQuotientTo(batch.Parameters, gradients, divisors, -rate);
    }

    private static Options Defaults(double lr, double lr_decay, double weight_decay, double initial_accumulator_value, double eps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lr);
        ArgumentOutOfRangeException.ThrowIfNegative(lr_decay);
        ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
        ArgumentOutOfRangeException.ThrowIfNegative(initial_accumulator_value);
        ArgumentOutOfRangeException.ThrowIfNegative(eps);
        return new() { LearningRate = lr, lr_decay = lr_decay, initial_accumulator_value = initial_accumulator_value, eps = eps, weight_decay = weight_decay };
    }

    /// <summary>Options of a group; null takes the optimizer's.</summary>
    public class Options : OptimizerOptions
    {
        /// <summary>How fast the rate falls: it is divided by 1 + steps · decay.</summary>
        public double? lr_decay;

        /// <summary>What the sum of squares starts with.</summary>
        public double? initial_accumulator_value;

        /// <summary>Added to the root, against division by zero.</summary>
        public double? eps;

        /// <summary>The share of the parameters added to the gradient.</summary>
        public double? weight_decay;
    }

    /// <summary>A group for <see cref="Adagrad"/>.</summary>
    public class ParamGroup : ParamGroup<Options>
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
        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
            : base(parameters, Defaults(lr, lr_decay, weight_decay, initial_accumulator_value, eps))
        {
        }
    }

    /// <summary>What is remembered of a parameter.</summary>
    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        /// <summary>Steps taken.</summary>
        public long step;

        /// <summary>The sum of the gradient's squares.</summary>
        public Tensor sum;

        /// <inheritdoc/>
        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            Set(ref sum, Zeros().fill_(((Options)options).initial_accumulator_value.Value));
        }

        /// <inheritdoc/>
        public override void to(Device device) => Set(ref sum, sum.to(device));

        /// <inheritdoc/>
        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            sum.Save(writer);
        }

        /// <inheritdoc/>
        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Set(ref sum, Read(reader));
        }

        /// <inheritdoc/>
        public override void LoadStateDict(OptimizerState source)
        {
            step = ((State)source).step;
            Set(ref sum, CopyOf(((State)source).sum));
        }

        /// <inheritdoc/>
        public void Dispose() => Set(ref sum, null);
    }
}
