using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace TorchSharp.SystemLibtorch.Tests.Optim;

/// <summary>Each scheduler sets the rates that PyTorch's sets (golden/make_golden_optim.py).</summary>
public class SchedulerGoldenTests
{
    private static readonly Dictionary<string, Func<optim.Optimizer, LRScheduler>> s_schedulers = new()
    {
        ["step"] = o => StepLR(o, 3, gamma: 0.5),
        ["multi_step"] = o => MultiStepLR(o, [2, 5, 11], gamma: 0.3),
        ["exponential"] = o => ExponentialLR(o, 0.9),
        ["polynomial"] = o => PolynomialLR(o, 8, power: 2),
        ["cosine"] = o => CosineAnnealingLR(o, 6, eta_min: 0.001),
        ["constant"] = o => ConstantLR(o, factor: 0.25, total_iters: 4),
        ["linear"] = o => LinearLR(o, start_factor: 0.2, end_factor: 0.8, total_iters: 6),
        ["lambda"] = o => LambdaLR(o, epoch => 1.0 / (1 + epoch)),
        ["multiplicative"] = o => MultiplicativeLR(o, epoch => 0.9 + (0.01 * epoch)),
        ["sequential"] = o => SequentialLR(o, [ConstantLR(o, factor: 0.1, total_iters: 2), ExponentialLR(o, 0.9)], [4]),
        ["chained"] = o => ChainedLR([ConstantLR(o, factor: 0.1, total_iters: 3), ExponentialLR(o, 0.9)]),
        ["cyclic"] = o => CyclicLR(o, 0.01, 0.2, step_size_up: 4, step_size_down: 3, cycle_momentum: false),
        ["cyclic_halved"] = o => CyclicLR(o, [0.01, 0.02], [0.2, 0.3], step_size_up: 3, mode: impl.CyclicLR.Mode.Triangular2, cycle_momentum: false),
        ["cyclic_scaled"] = o => CyclicLR(o, 0.01, 0.2, step_size_up: 3, scale_fn: x => 1 / x, cycle_momentum: false),
    };

    private static readonly Dictionary<string, Func<optim.Optimizer, LRScheduler>> s_plateaus = new()
    {
        ["plateau"] = o => ReduceLROnPlateau(o, factor: 0.5, patience: 2),
        ["plateau_max"] = o => ReduceLROnPlateau(o, mode: "max", factor: 0.5, patience: 1, threshold: 0.1, threshold_mode: "abs"),
        ["plateau_cooldown"] = o => ReduceLROnPlateau(o, factor: 0.5, patience: 1, cooldown: 2, min_lr: [0.03, 0.001]),
    };

    private static readonly Dictionary<string, Func<optim.Optimizer, LRScheduler>> s_cycles = new()
    {
        ["one_cycle"] = o => OneCycleLR(o, 0.5, total_steps: 16),
        ["one_cycle_adam"] = o => OneCycleLR(o, 0.5, epochs: 4, steps_per_epoch: 4, pct_start: 0.4, anneal_strategy: impl.OneCycleLR.AnnealStrategy.Linear),
        ["one_cycle_three"] = o => OneCycleLR(o, 0.5, total_steps: 16, three_phase: true, div_factor: 10),
        ["cyclic_momentum"] = o => CyclicLR(o, 0.01, 0.2, step_size_up: 4),
        ["cyclic_range"] = o => CyclicLR(o, 0.01, 0.2, step_size_up: 3, mode: impl.CyclicLR.Mode.ExpRange, gamma: 0.9),
        ["one_cycle_groups"] = o => OneCycleLR(o, [0.5, 0.1], total_steps: 16),
    };

    // Where TorchSharp 0.107 goes other ways than PyTorch, and the stand-in PyTorch's.
    private static readonly Dictionary<string, string> s_torchSharpDiffers = new()
    {
        ["cyclic_momentum"] = "adds to the highest momentum where PyTorch subtracts from it",
        ["cyclic_range"] = "scales by the cycle where PyTorch scales by the step",
        ["one_cycle_groups"] = "mistakes the number of the group for that of the phase",
    };

    public static TheoryData<string> Names => [.. s_schedulers.Keys];

    public static TheoryData<string> ClosedForms => ["step", "multi_step", "exponential", "polynomial", "cosine", "constant", "linear"];

    public static TheoryData<string> Plateaus => [.. s_plateaus.Keys];

    public static TheoryData<string> Cycles => [.. s_cycles.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rates_step_by_step_are_those_of_PyTorch(string name) => Compare(name, s_schedulers[name], TwoGroups(), Rates, Enumerable.Repeat<Action<LRScheduler>>(s => s.step(), 16));

    [Theory]
    [MemberData(nameof(ClosedForms))]
    public void Rates_of_a_given_epoch_are_those_of_PyTorch(string name) => Compare(
        name + ".closed", s_schedulers[name], TwoGroups(), Rates, new[] { 3, 7, 5, 12, 0 }.Select<int, Action<LRScheduler>>(epoch => s => s.step(epoch)));

    [Theory]
    [MemberData(nameof(Plateaus))]
    public void Rates_that_follow_a_measure_are_those_of_PyTorch(string name)
    {
        var measures = Golden().Numbers("plateau.measures");
        Compare(name, s_plateaus[name], TwoGroups(), Rates, measures.Select<double, Action<LRScheduler>>(measure => s => s.step(measure)));
    }

    [Theory]
    [MemberData(nameof(Cycles))]
    public void Rates_and_momenta_of_a_cycle_are_those_of_PyTorch(string name)
    {
        if (Provider.IsPublished && s_torchSharpDiffers.TryGetValue(name, out var difference))
            Assert.Skip($"TorchSharp 0.107 {difference}.");
        Parameter[] parameters = [new(zeros(1))];
        optim.Optimizer optimizer = name switch
        {
            "one_cycle_groups" => TwoGroups(),
            "one_cycle_adam" or "one_cycle_three" => optim.Adam(parameters, 0.1),
            _ => optim.SGD(parameters, 0.1),
        };
        Compare(name, s_cycles[name], optimizer, name == "one_cycle_groups" ? Rates : RateAndMomentum, Enumerable.Repeat<Action<LRScheduler>>(s => s.step(), 15));
    }

    [Fact]
    public void The_last_rates_are_told()
    {
        using var optimizer = TwoGroups();
        var scheduler = StepLR(optimizer, 1, gamma: 0.5);
        Assert.Equal([0.1, 0.02], scheduler.get_last_lr());
        scheduler.step();
        Assert.Equal([0.05, 0.01], scheduler.get_last_lr());
    }

    private static void Compare(string name, Func<optim.Optimizer, LRScheduler> make, optim.Optimizer optimizer, Func<optim.Optimizer, double[]> read, IEnumerable<Action<LRScheduler>> steps)
    {
        using var scope = NewDisposeScope();
        using var _ = optimizer;
        var scheduler = make(optimizer);
        List<double[]> rows = [read(optimizer)];
        foreach (var step in steps)
        {
            step(scheduler);
            rows.Add(read(optimizer));
        }

        Assert.Equal(Golden().Numbers(name), rows.SelectMany(row => row), (a, b) => Math.Abs(a - b) <= 1e-12);
    }

    private static GoldenFile Golden() => GoldenFile.Read("tests/TorchSharp.SystemLibtorch.Tests/golden/schedulers.safetensors");

    private static SGD TwoGroups() => optim.SGD(
        [new SGD.ParamGroup([new Parameter(zeros(1))], lr: 0.1, momentum: 0.9), new SGD.ParamGroup([new Parameter(zeros(1))], lr: 0.02, momentum: 0.9)], 0.1);

    private static double[] Rates(optim.Optimizer optimizer) => [.. optimizer.ParamGroups.Select(group => group.LearningRate)];

    private static double[] RateAndMomentum(optim.Optimizer optimizer)
    {
        var group = optimizer.ParamGroups.First();
        return [group.LearningRate, group is optim.IBetas betas ? betas.Betas.Item1 : ((optim.IMomentum)group).Momentum];
    }
}
