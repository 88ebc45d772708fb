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
                /// One cycle for the whole of training (arXiv 1708.07120): the rates go up to a bound, then down to almost nothing;
                /// the momentum, or the first beta, the other way round.
                /// </summary>
                public class OneCycleLR : LRScheduler
                {
                    private readonly Phase[] _phases;
                    private readonly AnnealStrategy _strategy;
                    private readonly bool _cyclesMomentum;
                    private readonly int _total;

                    /// <summary>The way from one value to the next.</summary>
                    public enum AnnealStrategy
                    {
                        /// <summary>Half a cosine wave.</summary>
                        Cos,

                        /// <summary>A straight line.</summary>
                        Linear,
                    }

                    /// <summary>The same bounds for all groups. Takes the first step.</summary>
                    /// <exception cref="ArgumentException">No length given, a value out of range, or no momentum to cycle.</exception>
                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, ForEach(optimizer, max_lr), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, ForEach(optimizer, base_momentum), ForEach(optimizer, max_momentum), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    {
                    }

                    /// <summary>Bounds for each group. Takes the first step.</summary>
                    /// <exception cref="ArgumentException">No length given, a value out of range, or no momentum to cycle.</exception>
                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double> base_momentum = null, IEnumerable<double> max_momentum = null, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (cycle_momentum && optimizer is not (IMomentum or IBetas))
                            throw new ArgumentException("The optimizer has neither momentum nor betas to cycle.", nameof(cycle_momentum));
                        if (pct_start is not (>= 0 and <= 1))
                            throw new ArgumentException($"Expected a share between 0 and 1, not {pct_start}.", nameof(pct_start));
                        _total = total_steps != -1 ? total_steps : epochs * steps_per_epoch;
                        if (_total <= 0 || (total_steps == -1 && epochs <= 0))
                            throw new ArgumentException($"Expected a positive total_steps, or positive epochs and steps_per_epoch, not {total_steps}, {epochs} and {steps_per_epoch}.", nameof(total_steps));

                        (_strategy, _cyclesMomentum) = (anneal_strategy, cycle_momentum);
                        IReadOnlyList<double> top = [.. max_lr];
                        IReadOnlyList<double> start = [.. top.Select(rate => rate / div_factor)];
                        IReadOnlyList<double> end = [.. start.Select(rate => rate / final_div_factor)];
                        IReadOnlyList<double> low = [.. base_momentum ?? OneEach(0.85)];
                        IReadOnlyList<double> high = [.. max_momentum ?? OneEach(0.95)];
                        var up = new Phase((pct_start * _total) - 1, start, top, high, low);
                        _phases = three_phase
                            ? [up, new((2 * pct_start * _total) - 2, top, start, low, high), new(_total - 1, start, end, high, high)]
                            : [up, new(_total - 1, top, end, low, high)];
                        step();
                    }

                    /// <inheritdoc/>
                    /// <exception cref="InvalidOperationException">More steps than the cycle has.</exception>
                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch > _total)
                            throw new InvalidOperationException($"Step {_last_epoch + 1} of a cycle of {_total} steps.");
                        var index = Array.FindIndex(_phases, 0, _phases.Length - 1, phase => _last_epoch <= phase.End);
                        var phase = index < 0 ? _phases[^1] : _phases[index];
                        var begin = phase == _phases[0] ? 0 : _phases[Array.IndexOf(_phases, phase) - 1].End;
                        var share = (_last_epoch - begin) / (phase.End - begin);
                        if (_cyclesMomentum)
                            foreach (var (i, group) in Groups.Index())
                                SetMomentum(group, Between(phase.MomentaFrom[i], phase.MomentaTo[i], share));
                        return phase.RatesFrom.Zip(phase.RatesTo, (from, to) => Between(from, to, share));
                    }

                    private double Between(double from, double to, double share) => _strategy == AnnealStrategy.Cos
                        ? to + ((from - to) / 2 * (Math.Cos(Math.PI * share) + 1))
                        : ((to - from) * share) + from;

                    private static void SetMomentum(ILearningRateController group, double momentum)
                    {
                        if (group is IBetas betas)
                            betas.Betas = (momentum, betas.Betas.Item2);
                        else
                            ((IMomentum)group).Momentum = momentum;
                    }

                    // One value a group in each list; End is the last step of the phase.
                    private sealed record Phase(
                        double End,
                        IReadOnlyList<double> RatesFrom,
                        IReadOnlyList<double> RatesTo,
                        IReadOnlyList<double> MomentaFrom,
                        IReadOnlyList<double> MomentaTo);
                }
            }
        }
    }
}
