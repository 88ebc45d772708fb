using ContextAware.Concurrency;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>The gradients of several losses, worked out side by side: a loss and its backward pass on each thread.</summary>
/// <remarks>
/// On the CPU, small models gain more from whole batches side by side than from operations divided among threads. The
/// gradients come out the same, bit for bit, for any number of threads: each is computed by one thread, they are added up in
/// the order of the losses, and each loss has random numbers of its own for dropout, by a seed from torch's generator. What
/// a model draws from torch's generator itself is not ordered. The model is called from several threads at once: it must
/// not change in <c>forward</c>, as batch norm does.
/// </remarks>
public sealed class BatchGradients : IDisposable
{
    private readonly Parameter[] parameters;
    private readonly Tensor?[] sums;
    private readonly BatchWorkers workers;

    /// <summary>Starts the threads.</summary>
    /// <param name="parameters">What is to get gradients, each once; those that don't require one are left out.</param>
    /// <param name="threads">How many threads.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is not positive.</exception>
    /// <exception cref="ArgumentException">No parameter requires a gradient.</exception>
    public BatchGradients(IEnumerable<Parameter> parameters, int threads)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        this.parameters = [.. parameters.Where(parameter => parameter.requires_grad)];
        if (this.parameters.Length == 0) throw new ArgumentException("Expected a parameter that requires a gradient, got none.", nameof(parameters));
        sums = new Tensor?[this.parameters.Length];
        workers = new(threads);
    }

    /// <summary>Adds the gradients of the sum of some losses to the parameters'.</summary>
    /// <param name="losses">Each makes a loss, a scalar.</param>
    /// <returns>The losses.</returns>
    /// <exception cref="Exception">The first that a loss threw; then no gradient has changed.</exception>
    public double[] Add(IReadOnlyList<Func<Tensor>> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        var seeds = losses.Select(_ => RandomSeeds.FromTorch()).ToArray();
        var found = workers.Run(losses.Count, i => Differentiate(losses[i], seeds[i]));
        try
        {
            using var noGradient = no_grad();
            for (var i = 0; i < parameters.Length; i++) Add(i, [.. found.Select(one => one.Gradients[i]).OfType<Tensor>()]);
            return Array.ConvertAll(found, one => one.Loss);
        }
        finally
        {
            foreach (var one in found) one.Dispose();
        }
    }

    /// <summary>Ends the threads. The parameters keep their gradients.</summary>
    public void Dispose()
    {
        workers.Dispose();
        foreach (var sum in sums) sum?.Dispose();
    }

    private Found Differentiate(Func<Tensor> make, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var seeds = RandomSeeds.Open(seed);
        var loss = make();
        var value = loss.ToDouble();
        if (!loss.requires_grad) throw new InvalidOperationException("Expected a loss that depends on a parameter, got one without a gradient.");
        var gradients = autograd.grad([loss], parameters, allow_unused: true);
        return new(value, [.. gradients.Select(gradient => gradient is null || gradient.IsInvalid ? null : gradient.DetachFromDisposeScope())]);
    }

    private void Add(int number, Tensor[] gradients)
    {
        if (gradients.Length == 0) return;
        using var scope = NewDisposeScope();
        var parameter = parameters[number];
        var before = parameter.grad;
        // A gradient of the losses can be memory that others share; the sum is memory of its own, used again for the next step.
        var sum = before ?? (sums[number] ??= empty_like(parameter).DetachFromDisposeScope());
        var parts = before is null ? gradients : [before, .. gradients];
        if (parts.Append(sum).All(WeightLoops.Serve))
        {
            WeightLoops.Sum(sum, parts);
        }
        else
        {
            sum.copy_(parts[0]);
            foreach (var part in parts.Skip(1)) sum.add_(part);
        }

        if (before is null) parameter.grad = sum;
    }

    private sealed record Found(double Loss, Tensor?[] Gradients) : IDisposable
    {
        public void Dispose()
        {
            foreach (var gradient in Gradients) gradient?.Dispose();
        }
    }
}
