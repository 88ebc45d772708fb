namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Sets the learning rates of an optimizer's parameter groups, once at its making and once every step.</summary>
            public abstract class LRScheduler
            {
                /// <summary>Steps taken, the first one at the scheduler's making included.</summary>
                protected int _step_count;

                internal readonly Optimizer _optimizer;
                internal int _last_epoch;
                private readonly bool _verbose;

                /// <summary>Rates of the groups before any scheduling; a following epoch is <paramref name="last_epoch"/> + 1.</summary>
                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    BaseRates = [.. Groups.Select(group => group.InitialLearningRate)];
                    LastRates = [.. Groups.Select(group => group.LearningRate)];
                }

                private protected IEnumerable<ILearningRateController> Groups => _optimizer.ParamGroups;

                private protected IReadOnlyList<double> BaseRates { get; set; }

                private protected IReadOnlyList<double> LastRates { get; set; }

                /// <summary>Goes on to the next epoch.</summary>
                public virtual void step() => step(null);

                /// <summary>Goes to an epoch, by the closed form where there is one; null is the next.</summary>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    Apply([.. epoch is null ? get_lr() : get_closed_form_lr()]);
                }

                /// <summary>Goes on like <see cref="step(int?)"/>; most schedulers take no notice of the measure.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The rates set last, one a group.</summary>
                public IEnumerable<double> get_last_lr() => LastRates;

                /// <summary>The rates of this epoch from those of the epoch before, one a group.</summary>
                protected virtual IEnumerable<double> get_lr() => Groups.Select(group => group.LearningRate);

                /// <summary>The rates of this epoch from the base rates, one a group.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                private protected IEnumerable<double> Scaled(double factor) => Groups.Select(group => group.LearningRate * factor);

                private protected IEnumerable<double> ScaledBase(double factor) => BaseRates.Select(rate => rate * factor);

                private protected IReadOnlyList<double> OneEach(double value) => [.. Enumerable.Repeat(value, BaseRates.Count)];

                private protected void Apply(IReadOnlyList<double> rates)
                {
                    foreach (var (index, group) in Groups.Index().Take(rates.Count))
                    {
                        if (_verbose && group.LearningRate != rates[index])
                            Console.WriteLine($"Adjusting learning rate of group {index} to {rates[index]:e4}.");
                        group.LearningRate = rates[index];
                    }

                    LastRates = rates;
                }
            }

            /// <summary>The schedulers themselves.</summary>
            public static partial class impl
            {
            }
        }
    }
}
