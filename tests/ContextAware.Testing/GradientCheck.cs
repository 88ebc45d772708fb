using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Testing;

/// <summary>
/// Compares the gradients that autograd gives with central finite differences in float64:
/// (f(x + h) − f(x − h)) / 2h. The outputs are summed with random weights first, so that errors that
/// cancel in a plain sum (a softmax's, say) show. Where the function bends within the step, as a ReLU does, one of the
/// two one-sided differences must agree.
/// </summary>
public static class GradientCheck
{
    /// <summary>Checks a function with one output.</summary>
    /// <param name="function">From copies of the inputs (float64, requiring gradients) to the output.</param>
    /// <param name="inputs">Where to check; of any floating type.</param>
    public static void Function(Func<Tensor[], Tensor> function, params Tensor[] inputs) => Function(function, null, inputs);

    /// <inheritdoc cref="Function(Func{Tensor[], Tensor}, Tensor[])"/>
    public static void Function(Func<Tensor[], Tensor> function, GradientCheckOptions? options, params Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        var leaves = Leaves(inputs);
        Check(() => [function(leaves)], Named(leaves), options ?? new());
    }

    /// <summary>Checks a module's parameters and its inputs. The module is left in float64, with zeroed gradients.</summary>
    /// <param name="module">The module; put it in eval mode first if it drops out.</param>
    /// <param name="forward">From copies of the inputs (float64, requiring gradients) to the outputs that count.</param>
    /// <param name="inputs">The differentiable inputs; close over masks and indices.</param>
    public static void Module(nn.Module module, Func<Tensor[], Tensor> forward, params Tensor[] inputs)
        => Module(module, x => [forward(x)], null, inputs);

    /// <inheritdoc cref="Module(nn.Module, Func{Tensor[], Tensor}, Tensor[])"/>
    public static void Module(nn.Module module, Func<Tensor[], Tensor[]> forward, GradientCheckOptions? options, params Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        module.to(ScalarType.Float64);
        var leaves = Leaves(inputs);
        var parameters = module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => ($"parameter '{p.name}'", (Tensor)p.parameter));
        module.zero_grad();
        Check(() => forward(leaves), [.. parameters, .. Named(leaves)], options ?? new());
        module.zero_grad();
    }

    private static void Check(Func<Tensor[]> forward, (string Name, Tensor Value)[] leaves, GradientCheckOptions options)
    {
        var random = new Random(options.Seed);
        var weights = OutputWeights(forward, random);
        if (Evaluate(forward, weights) != Evaluate(forward, weights))
            Assert.Fail("Two evaluations differ: the function is not deterministic (dropout in training mode?).");

        Objective(forward, weights).backward();
        foreach (var (name, value) in leaves)
            CheckLeaf(name, value, () => Evaluate(forward, weights), random, options);
    }

    private static void CheckLeaf(string name, Tensor leaf, Func<double> evaluate, Random random, GradientCheckOptions options)
    {
        using var scope = NewDisposeScope();
        var shape = leaf.shape;
        var flat = leaf.detach().view(-1);
        var values = TensorArrays.Flat(leaf);
        var analytic = leaf.grad is { } gradient ? TensorArrays.Flat(gradient) : new double[values.Length];
        foreach (var i in Elements(values.Length, random, options.MaximumElements))
        {
            // Half the difference over the step really taken: x ± h is rounded.
            double high = values[i] + options.Step, low = values[i] - options.Step;
            Set(flat, i, high);
            var above = evaluate();
            Set(flat, i, low);
            var below = evaluate();
            Set(flat, i, values[i]);
            var numeric = (above - below) / (high - low);
            if (!Agree(numeric) && !AgreesBesideKink())
                Assert.Fail($"Wrong gradient of {name} {Comparison.Show(shape)} at {Comparison.Show(Comparison.Index(i, shape))}: "
                    + $"autograd {(leaf.grad is null ? "none" : Comparison.Show(analytic[i]))}, finite difference {Comparison.Show(numeric)}");

            bool Agree(double slope) => Math.Abs(analytic[i] - slope) <= options.AbsoluteTolerance + options.RelativeTolerance * Math.Abs(slope);

            // Where a ReLU bends within the step, the slopes of the two sides differ, and the side without the bend is right:
            // it is off by half the step times the second derivative, no more.
            bool AgreesBesideKink()
            {
                var here = evaluate();
                var (right, left) = ((above - here) / (high - values[i]), (here - below) / (values[i] - low));
                var blur = options.AbsoluteTolerance + options.RelativeTolerance * Math.Abs(numeric) + options.Step;
                return Math.Abs(right - left) > 100 * blur && Math.Min(Math.Abs(analytic[i] - right), Math.Abs(analytic[i] - left)) <= 10 * blur;
            }
        }
    }

    private static IEnumerable<int> Elements(int count, Random random, int maximum)
    {
        if (count <= maximum)
            return Enumerable.Range(0, count);
        var chosen = new SortedSet<int>();
        while (chosen.Count < maximum)
            chosen.Add(random.Next(count));
        return chosen;
    }

    private static void Set(Tensor flat, int index, double value)
    {
        using var _ = no_grad();
        flat.narrow(0, index, 1).fill_(value).Dispose();
    }

    private static Tensor[] OutputWeights(Func<Tensor[]> forward, Random random)
    {
        using var scope = NewDisposeScope();
        return [.. forward().Select(output =>
        {
            if (output.dtype != ScalarType.Float64)
                Assert.Fail($"The output is {output.dtype} where everything that came in was Float64.");
            var numbers = Enumerable.Range(0, checked((int)output.numel())).Select(_ => random.NextDouble() * 2 - 1).ToArray();
            return tensor(numbers, output.shape).MoveToOuterDisposeScope();
        })];
    }

    private static Tensor Objective(Func<Tensor[]> forward, Tensor[] weights)
        => forward().Zip(weights, (output, weight) => (output * weight).sum()).Aggregate((a, b) => a + b);

    private static double Evaluate(Func<Tensor[]> forward, Tensor[] weights)
    {
        using var scope = NewDisposeScope();
        return Objective(forward, weights).item<double>();
    }

    private static Tensor[] Leaves(Tensor[] inputs)
        => [.. inputs.Select(x => x.detach().to(ScalarType.Float64).clone().contiguous().requires_grad_())];

    private static (string Name, Tensor Value)[] Named(Tensor[] leaves) => [.. leaves.Select((x, i) => ($"input {i}", x))];
}
