using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Changes parameters by their gradients. Parameters come in groups, each with its own options.</summary>
        public abstract class Optimizer : IDisposable
        {
            /// <summary>The groups, in the order in which they were added.</summary>
            protected IList<ParamGroup> _parameter_groups = [];

            private protected Optimizer()
            {
            }

            /// <summary>The groups as what a learning-rate scheduler sees of them.</summary>
            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            /// <summary>All parameters of all groups.</summary>
            public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

            /// <summary>Adds a group; options it does not set are the optimizer's own.</summary>
            public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

            /// <summary>Fills the gradients with zeros; a parameter without one stays without.</summary>
            public virtual void zero_grad()
            {
                using var scope = NewDisposeScope();
                Foreach.Zero([.. parameters().Select(parameter => parameter.grad).Where(gradient => gradient is not null)]);
            }

            /// <summary>Changes every parameter that has a gradient.</summary>
            /// <param name="closure">Computes the loss anew, with gradients; null where they are there already.</param>
            /// <returns>The closure's loss; null without a closure.</returns>
            public virtual Tensor step(Func<Tensor> closure = null) => throw new NotSupportedException($"{GetType().Name} has no step.");

            /// <summary>Frees the state kept for the parameters; the parameters stay.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <inheritdoc cref="Dispose()"/>
            protected virtual void Dispose(bool disposing)
            {
                if (disposing)
                    DisposeState();
            }

            private protected abstract void DisposeState();

            /// <summary>The optimizer's state: the groups' options and the parameters' state, both live, not copied.</summary>
            public class StateDictionary
            {
                internal StateDictionary()
                {
                }

                /// <summary>The options, one a group.</summary>
                public List<OptimizerOptions> Options { get; } = [];

                /// <summary>The state, one a parameter.</summary>
                public List<OptimizerState> State { get; } = [];

                /// <summary>For each group, where its parameters' state stands in <see cref="State"/>.</summary>
                public List<List<int>> StateIndexRef { get; } = [];
            }
        }

        /// <summary>What a learning-rate scheduler sees of a parameter group.</summary>
        public interface ILearningRateController
        {
            /// <summary>The rate of the next step.</summary>
            double LearningRate { get; set; }

            /// <summary>The rate before any scheduling.</summary>
            double InitialLearningRate { get; set; }
        }

        /// <summary>Has a momentum, which some schedulers change.</summary>
        public interface IMomentum
        {
            /// <summary>The share of the step before that goes on into the next.</summary>
            double Momentum { get; set; }
        }

        /// <summary>Has betas in the place of momentum.</summary>
        public interface IBetas
        {
            /// <summary>How slowly the averages of the gradient and of its square move.</summary>
            (double, double) Betas { get; set; }
        }
    }
}
