namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Lowers the rates when a measure has not got better for <c>patience</c> epochs.</summary>
                public class ReduceLROnPlateau : LRScheduler
                {
                    private readonly bool _lowerIsBetter;
                    private readonly bool _relative;
                    private readonly double _threshold;
                    private readonly double _factor;
                    private readonly double _smallestChange;
                    private readonly int _patience;
                    private readonly int _cooldown;
                    private readonly IReadOnlyList<double> _leastRates;
                    private double _best;
                    private int _badEpochs;
                    private int _coolingEpochs;

                    /// <summary>Takes no step: the first measure is still to come.</summary>
                    /// <exception cref="ArgumentException">A mode that is unknown, or a factor of 1 or more.</exception>
                    public ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string threshold_mode = "rel", int cooldown = 0, IList<double> min_lr = null, double eps = 1e-8, bool verbose = false)
                        : base(optimizer, -1, verbose)
                    {
                        if (factor >= 1)
                            throw new ArgumentException($"Expected a factor below 1, not {factor}.", nameof(factor));
                        _lowerIsBetter = OneOf(mode, "min", "max", nameof(mode));
                        _relative = OneOf(threshold_mode, "rel", "abs", nameof(threshold_mode));
                        (_factor, _patience, _threshold, _cooldown, _smallestChange) = (factor, patience, threshold, cooldown, eps);
                        _leastRates = min_lr is null or [] ? OneEach(0) : min_lr is [var least] ? OneEach(least) : [.. min_lr];
                        _best = _lowerIsBetter ? double.PositiveInfinity : double.NegativeInfinity;
                    }

                    /// <summary>Takes the epoch's measure, and lowers the rates if it has been bad for too long.</summary>
                    public override void step(double current, int? epoch = null)
                    {
                        _last_epoch = epoch ?? _last_epoch + 1;
                        var better = IsBetter(current);
                        if (better)
                            _best = current;
                        _badEpochs = better || _coolingEpochs > 0 ? 0 : _badEpochs + 1;
                        _coolingEpochs = Math.Max(0, _coolingEpochs - 1);
                        if (_badEpochs > _patience)
                        {
                            Apply([.. Groups.Zip(_leastRates, (group, least) => Lowered(group.LearningRate, least))]);
                            (_coolingEpochs, _badEpochs) = (_cooldown, 0);
                        }
                    }

                    /// <summary>Always an error: this scheduler needs a measure.</summary>
                    public override void step() => step((int?)null);

                    /// <summary>Always an error: this scheduler needs a measure.</summary>
                    public override void step(int? epoch) =>
                        throw new InvalidOperationException("ReduceLROnPlateau needs the measure to watch: call step(double, int?).");

                    private bool IsBetter(double current) => _lowerIsBetter
                        ? current < (_relative ? _best * (1 - _threshold) : _best - _threshold)
                        : current > (_relative ? _best * (1 + _threshold) : _best + _threshold);

                    private double Lowered(double rate, double least)
                    {
                        var lowered = Math.Max(rate * _factor, least);
                        return rate - lowered > _smallestChange ? lowered : rate;
                    }

                    private static bool OneOf(string value, string first, string second, string argument) =>
                        value == first || (value == second ? false : throw new ArgumentException($"Expected \"{first}\" or \"{second}\", not \"{value}\".", argument));
                }
            }
        }
    }
}
