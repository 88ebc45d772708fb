namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>
                /// The rates go up and down between two bounds in straight lines (arXiv 1506.01186), the momentum the other way round.
                /// </summary>
                public class CyclicLR : LRScheduler
                {
                    private readonly IReadOnlyList<double> _highRates;
                    private readonly IReadOnlyList<double> _lowMomenta;
                    private readonly IReadOnlyList<double> _highMomenta;
                    private readonly double _cycle;
                    private readonly double _rising;
                    private readonly Func<double, double> _scale;
                    private readonly bool _scaledByCycle;
                    private readonly bool _cyclesMomentum;

                    /// <summary>How the height of a cycle changes.</summary>
                    public enum Mode
                    {
                        /// <summary>Every cycle has the full height.</summary>
                        Triangular,

                        /// <summary>Every cycle has half the height of the one before.</summary>
                        Triangular2,

                        /// <summary>The height falls by gamma each step.</summary>
                        ExpRange,
                    }

                    /// <summary>What a scale function takes.</summary>
                    public enum ScaleMode
                    {
                        /// <summary>The number of the cycle, from 1.</summary>
                        Cycle,

                        /// <summary>The number of the step, from 0.</summary>
                        Iterations,
                    }

                    /// <summary>The same bounds for all groups. Takes the first step.</summary>
                    /// <exception cref="ArgumentException">Momentum is to be cycled, and the optimizer has none.</exception>
                    public CyclicLR(Optimizer optimizer, double base_lr, double max_lr, int step_size_up = 2000, int step_size_down = -1, Mode mode = Mode.Triangular, double gamma = 1, Func<double, double> scale_fn = null, ScaleMode scale_mode = ScaleMode.Cycle, bool cycle_momentum = true, double base_momentum = 0.8, double max_momentum = 0.9, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, ForEach(optimizer, base_lr), ForEach(optimizer, max_lr), step_size_up, step_size_down, mode, gamma, scale_fn, scale_mode, cycle_momentum, ForEach(optimizer, base_momentum), ForEach(optimizer, max_momentum), last_epoch, verbose)
                    {
                    }

                    /// <summary>Bounds for each group. Takes the first step.</summary>
                    /// <exception cref="ArgumentException">Momentum is to be cycled, and the optimizer has none.</exception>
                    public CyclicLR(Optimizer optimizer, IEnumerable<double> base_lr, IEnumerable<double> max_lr, int step_size_up = 2000, int step_size_down = -1, Mode mode = Mode.Triangular, double gamma = 1, Func<double, double> scale_fn = null, ScaleMode scale_mode = ScaleMode.Cycle, bool cycle_momentum = true, IEnumerable<double> base_momentum = null, IEnumerable<double> max_momentum = null, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (cycle_momentum && optimizer is not IMomentum)
                            throw new ArgumentException("The optimizer has no momentum to cycle.", nameof(cycle_momentum));
                        BaseRates = [.. base_lr];
                        _highRates = [.. max_lr];
                        _lowMomenta = [.. base_momentum ?? OneEach(0.8)];
                        _highMomenta = [.. max_momentum ?? OneEach(0.9)];
                        _cycle = step_size_up + (step_size_down == -1 ? step_size_up : step_size_down);
                        _rising = step_size_up / _cycle;
                        _cyclesMomentum = cycle_momentum;
                        (_scale, _scaledByCycle) = scale_fn is not null ? (scale_fn, scale_mode == ScaleMode.Cycle) : mode switch
                        {
                            Mode.Triangular => (_ => 1, true),
                            Mode.Triangular2 => (cycle => Math.Pow(2, 1 - cycle), true),
                            Mode.ExpRange => (step => Math.Pow(gamma, step), false),
                            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown mode."),
                        };
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr()
                    {
                        var cycle = Math.Floor(1 + (_last_epoch / _cycle));
                        var place = 1 + (_last_epoch / _cycle) - cycle;
                        var height = (place <= _rising ? place / _rising : (place - 1) / (_rising - 1)) * _scale(_scaledByCycle ? cycle : _last_epoch);
                        if (_cyclesMomentum)
                            foreach (var (index, group) in Groups.Index())
                                ((IMomentum)group).Momentum = _highMomenta[index] - ((_highMomenta[index] - _lowMomenta[index]) * height);
                        return BaseRates.Zip(_highRates, (low, high) => low + ((high - low) * height));
                    }
                }

                private static IEnumerable<double> ForEach(Optimizer optimizer, double value)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    return Enumerable.Repeat(value, optimizer.ParamGroups.Count());
                }
            }
        }
    }
}
