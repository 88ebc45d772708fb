using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public class TrainingOptimizerTests
{
    // Lengths about those of a vector, and one of more than a piece of the loops.
    private static readonly long[] Lengths = [1, 7, 8, 9, 16, 31, 100, 40_003];

    [Theory]
    [InlineData(OptimizerKind.Adam, 0, 1)]
    [InlineData(OptimizerKind.Adam, 0.1, 0.3)]
    [InlineData(OptimizerKind.AdamW, 0, 0.3)]
    [InlineData(OptimizerKind.AdamW, 0.1, 1)]
    public void Loops_move_weights_as_the_rule_says(OptimizerKind kind, double decay, double factor)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var weights = Lengths.Select(length => Parameter(randn(length))).ToArray();
        using var optimizer = new TrainingOptimizer(Named(weights), kind, 0.8, 0.95, decay);
        var expected = weights.Select(weight => Numbers(weight).Select(value => new Expected { Weight = value }).ToArray()).ToArray();
        for (var step = 1; step <= 12; step++)
        {
            var rate = 0.01 * step;
            for (var i = 0; i < weights.Length; i++)
            {
                weights[i].grad = randn(Lengths[i]) * step;
                var gradient = Numbers(weights[i].grad!);
                for (var n = 0; n < gradient.Length; n++) expected[i][n] = expected[i][n].Next(kind, step, rate, decay, factor * gradient[n]);
            }

            optimizer.Step(rate, factor);
        }

        for (var i = 0; i < weights.Length; i++)
        {
            foreach (var (got, wanted) in Numbers(weights[i]).Zip(expected[i])) Assert.Equal(wanted.Weight, got, 2e-5);
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.AdamW)]
    public void Weights_that_loops_cannot_move_are_moved_by_the_same_rule(OptimizerKind kind)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(2);
        var single = Lengths.Select(length => Parameter(randn(length))).ToArray();
        var doubled = single.Select(weight => Parameter(weight.detach().to(float64))).ToArray();
        using var loops = new TrainingOptimizer(Named(single), kind, weightDecay: 0.05);
        using var operations = new TrainingOptimizer(Named(doubled), kind, weightDecay: 0.05);
        for (var step = 0; step < 10; step++)
        {
            for (var i = 0; i < single.Length; i++)
            {
                single[i].grad = randn(Lengths[i]);
                doubled[i].grad = single[i].grad!.to(float64);
            }

            var (norm, same) = (loops.GradientNorm(), operations.GradientNorm());
            Assert.Equal(same, norm, same * 1e-6);
            loops.Step(0.01, TrainingOptimizer.ClipFactor(norm, 1));
            operations.Step(0.01, TrainingOptimizer.ClipFactor(norm, 1));
        }

        for (var i = 0; i < single.Length; i++) TensorAssert.Close(doubled[i], single[i].to(float64), 1e-5);
        Assert.Equal(loops.Steps(), operations.Steps());
        foreach (var (one, other) in loops.Moments.Zip(operations.Moments))
        {
            Assert.Equal(other.Key, one.Key);
            TensorAssert.Close(other.Value, one.Value.to(float64), 1e-5);
        }
    }

    [Fact]
    public void A_weight_without_a_gradient_stays_and_its_steps_are_its_own()
    {
        using var scope = NewDisposeScope();
        var (still, moved) = (Parameter(ones(20)), Parameter(ones(20)));
        using var optimizer = new TrainingOptimizer(Named([still, moved]));
        Assert.Equal(0, optimizer.GradientNorm());
        optimizer.Step(0.5);
        moved.grad = full(20, 3f);
        Assert.Equal(3 * Math.Sqrt(20), optimizer.GradientNorm(), 1e-5);
        optimizer.Step(0.5);
        TensorAssert.Equal(ones(20), still);
        TensorAssert.Close(full(20, 0.5f), moved, 1e-6);       // the first step is as long as the rate
        Assert.Equal([0, 1], optimizer.Steps());
    }

    [Fact]
    public void A_gradient_of_any_layout_is_the_same_gradient()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var (plain, turned) = (Parameter(ones(6, 5)), Parameter(ones(6, 5)));
        var gradient = randn(6, 5);
        plain.grad = gradient;
        turned.grad = gradient.t().contiguous().t();
        using var first = new TrainingOptimizer(Named([plain]));
        using var second = new TrainingOptimizer(Named([turned]));
        Assert.Equal(second.GradientNorm(), first.GradientNorm(), 1e-5);
        first.Step(0.1);
        second.Step(0.1);
        TensorAssert.Close(plain, turned, 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_norm_tells_of_numbers_that_are_not_finite(float bad)
    {
        using var scope = NewDisposeScope();
        foreach (var place in new[] { 0, 17, 99 })
        {
            var weight = Parameter(ones(100));
            weight.grad = ones(100);
            weight.grad[place] = bad;
            using var optimizer = new TrainingOptimizer(Named([weight]));
            Assert.False(double.IsFinite(optimizer.GradientNorm()));
        }
    }

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        var threads = get_num_threads();
        try
        {
            Assert.Equal(Run(1), Run(3));
        }
        finally
        {
            set_num_threads(threads);
        }

        static (double, string) Run(int threads)
        {
            using var scope = NewDisposeScope();
            set_num_threads(threads);
            random.manual_seed(4);
            var weight = Parameter(randn(300_001));
            weight.grad = randn(300_001);
            using var optimizer = new TrainingOptimizer(Named([weight]));
            var norm = optimizer.GradientNorm();
            optimizer.Step(0.1, TrainingOptimizer.ClipFactor(norm, 1));
            return (norm, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(weight.bytes)));
        }
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        using var scope = NewDisposeScope();
        var named = Named([Parameter(ones(3))]);
        Assert.Throws<ArgumentNullException>(() => new TrainingOptimizer(null!));
        Assert.Throws<ArgumentException>(() => new TrainingOptimizer([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptimizer(named, (OptimizerKind)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptimizer(named, beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptimizer(named, beta2: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptimizer(named, weightDecay: -1));
    }

    [Fact]
    public void A_factor_clips_to_a_limit_and_never_enlarges()
    {
        Assert.Equal(1, TrainingOptimizer.ClipFactor(5, null));
        Assert.Equal(1, TrainingOptimizer.ClipFactor(0.5, 1));
        Assert.Equal(0.25, TrainingOptimizer.ClipFactor(4, 1), 1e-6);
        Assert.Equal(1, TrainingOptimizer.ClipFactor(0, 1));
    }

    [Fact]
    public void Steps_leave_no_tensors()
    {
        using var scope = NewDisposeScope();
        var weight = Parameter(ones(1000));
        weight.grad = ones(1000);
        using var optimizer = new TrainingOptimizer(Named([weight]));
        LeakCheck.Tensors(() => optimizer.Step(1e-3, TrainingOptimizer.ClipFactor(optimizer.GradientNorm(), 1)));
    }

    private static Parameter Parameter(Tensor values) => new(values);

    private static (string, Parameter)[] Named(Parameter[] parameters) => [.. parameters.Select((parameter, i) => ($"p{i}", parameter))];

    private static double[] Numbers(Tensor tensor) => tensor.detach().to(float64).data<double>().ToArray();

    private readonly record struct Expected
    {
        public double Weight { get; init; }

        private double Average { get; init; }

        private double Square { get; init; }

        public Expected Next(OptimizerKind kind, int step, double rate, double decay, double gradient)
        {
            gradient += kind == OptimizerKind.Adam ? decay * Weight : 0;
            var average = (0.8 * Average) + (0.2 * gradient);
            var square = (0.95 * Square) + (0.05 * gradient * gradient);
            var change = average / (1 - Math.Pow(0.8, step)) / (Math.Sqrt(square / (1 - Math.Pow(0.95, step))) + 1e-8);
            var kept = kind == OptimizerKind.AdamW ? Weight * (1 - (rate * decay)) : Weight;
            return new() { Weight = kept - (rate * change), Average = average, Square = square };
        }
    }
}
