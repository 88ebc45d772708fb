namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The base rates times a factor for <c>total_iters</c> epochs, then the base rates.</summary>
                public class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _total;

                    /// <summary>Takes the first step.</summary>
                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        (_factor, _total) = (factor, total_iters);
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() =>
                        Scaled(_last_epoch == 0 ? _factor : _last_epoch == _total ? 1 / _factor : 1);

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() => ScaledBase(_last_epoch >= _total ? 1 : _factor);
                }

                /// <summary>The base rates times a factor that goes in a straight line from one value to another in <c>total_iters</c> epochs.</summary>
                public class LinearLR : LRScheduler
                {
                    private readonly double _start;
                    private readonly double _rise;
                    private readonly int _total;

                    /// <summary>Takes the first step.</summary>
                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        (_start, _rise, _total) = (start_factor, end_factor - start_factor, total_iters);
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => Scaled(
                        _last_epoch == 0 ? _start : _last_epoch > _total ? 1 : 1 + (_rise / ((_total * _start) + ((_last_epoch - 1) * _rise))));

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() =>
                        ScaledBase(_start + (_rise * Math.Min(_total, _last_epoch) / _total));
                }

                /// <summary>The base rates times a function of the epoch.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly Func<int, double>[] _rules;

                    /// <summary>One function for all groups. Takes the first step.</summary>
                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, ForEach(optimizer, lr_lambda), last_epoch, verbose)
                    {
                    }

                    /// <summary>One function a group. Takes the first step.</summary>
                    public LambdaLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _rules = [.. lr_lambdas];
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => BaseRates.Zip(_rules, (rate, rule) => rate * rule(_last_epoch));
                }

                /// <summary>The rates of the epoch before times a function of the epoch.</summary>
                public class MultiplicativeLR : LRScheduler
                {
                    private readonly Func<int, double>[] _rules;

                    /// <summary>One function a group. Takes the first step.</summary>
                    public MultiplicativeLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _rules = [.. lr_lambdas];
                        step();
                    }

                    /// <summary>One function for all groups. Takes the first step.</summary>
                    public MultiplicativeLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, ForEach(optimizer, lr_lambda), last_epoch, verbose)
                    {
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() =>
                        _last_epoch <= 0 ? Scaled(1) : Groups.Zip(_rules, (group, rule) => group.LearningRate * rule(_last_epoch));
                }

                private static IEnumerable<Func<int, double>> ForEach(Optimizer optimizer, Func<int, double> rule)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    ArgumentNullException.ThrowIfNull(rule);
                    return Enumerable.Repeat(rule, optimizer.ParamGroups.Count());
                }
            }
        }
    }
}
