using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>AdamW (arXiv 1711.05101): Adam with the weights' decay apart from the gradient.</summary>
public class AdamW : OptimizerHelper, optim.IBetas
{
    /// <summary>One group of parameters.</summary>
    public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    /// <summary>Groups of parameters; what a group leaves open is taken from here.</summary>
    /// <exception cref="ArgumentException">A value is negative, or a beta 1 or more.</exception>
    public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : base(Defaults(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize), parameters)
    {
    }

    /// <summary>The betas of groups to come that set none.</summary>
    public (double, double) Betas
    {
        get => (((Options)_defaults).beta1.Value, ((Options)_defaults).beta2.Value);
        set => (((Options)_defaults).beta1, ((Options)_defaults).beta2) = value;
    }

    /// <inheritdoc/>
    public override Tensor step(Func<Tensor> closure = null) => Step<Options, State>(closure, state => state.step, Update);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private static void Update(Options options, Batch<State> batch)
    {
        var gradients = batch.EffectiveGradients(options.maximize, decay: null);
        if (options.weight_decay != 0)
            Foreach.MultiplyBy(batch.Parameters, 1 - (options.LearningRate.Value * options.weight_decay.Value));
        foreach (var state in batch.States)
            state.step++;
        new AdamStep(options.LearningRate.Value, options.beta1.Value, options.beta2.Value, options.eps.Value).Take(
            batch.States[0].step, batch.Parameters, gradients, batch.Of(s => s.exp_avg), batch.Of(s => s.exp_avg_sq),
            options.amsgrad == true ? batch.Of(s => s.max_exp_avg_sq) : null);
    }

    private static Options Defaults(double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad, bool maximize)
    {
        AdamStep.Check(lr, beta1, beta2, eps, weight_decay);
        return new() { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };
    }

    /// <summary>Options of a group; null takes the optimizer's.</summary>
    public class Options : OptimizerOptions
    {
        /// <summary>How slowly the average of the gradient moves.</summary>
        public double? beta1;

        /// <summary>How slowly the average of its square moves.</summary>
        public double? beta2;

        /// <summary>Added to the root, against division by zero.</summary>
        public double? eps;

        /// <summary>The share of the parameters, times the rate, taken off at each step.</summary>
        public double? weight_decay;

        /// <summary>Whether the square's average counts at its highest so far.</summary>
        public bool? amsgrad;

        /// <summary>Whether to climb.</summary>
        public bool? maximize;
    }

    /// <summary>A group for <see cref="AdamW"/>.</summary>
    public class ParamGroup : ParamGroup<Options>, optim.IBetas
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
        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, Defaults(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize))
        {
        }

        /// <inheritdoc/>
        public (double, double) Betas
        {
            get => (Options.beta1.Value, Options.beta2.Value);
            set => (Options.beta1, Options.beta2) = value;
        }
    }

    /// <summary>What is remembered of a parameter.</summary>
    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        /// <summary>Steps taken.</summary>
        public long step;

        /// <summary>The running average of the gradient.</summary>
        public Tensor exp_avg;

        /// <summary>The running average of its square.</summary>
        public Tensor exp_avg_sq;

        /// <summary>The highest that this average has been; null unless asked for.</summary>
        public Tensor max_exp_avg_sq;

        /// <inheritdoc/>
        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            Set(ref exp_avg, Zeros());
            Set(ref exp_avg_sq, Zeros());
            Set(ref max_exp_avg_sq, ((Options)options).amsgrad == true ? Zeros() : null);
        }

        /// <inheritdoc/>
        public override void to(Device device)
        {
            Set(ref exp_avg, exp_avg.to(device));
            Set(ref exp_avg_sq, exp_avg_sq.to(device));
            Set(ref max_exp_avg_sq, max_exp_avg_sq?.to(device));
        }

        /// <inheritdoc/>
        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            exp_avg.Save(writer);
            exp_avg_sq.Save(writer);
            WriteOptional(writer, max_exp_avg_sq);
        }

        /// <inheritdoc/>
        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Set(ref exp_avg, Read(reader));
            Set(ref exp_avg_sq, Read(reader));
            Set(ref max_exp_avg_sq, ReadOptional(reader));
        }

        /// <inheritdoc/>
        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            step = other.step;
            Set(ref exp_avg, CopyOf(other.exp_avg));
            Set(ref exp_avg_sq, CopyOf(other.exp_avg_sq));
            Set(ref max_exp_avg_sq, CopyOf(other.max_exp_avg_sq));
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Set(ref exp_avg, null);
            Set(ref exp_avg_sq, null);
            Set(ref max_exp_avg_sq, null);
        }
    }
}
