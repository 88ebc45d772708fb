using static TorchSharp.torch;

namespace ContextAware.Concurrency;

/// <summary>Runs models on parts of a batch side by side on the CPU: a thread for each part, and libtorch with one thread on each.</summary>
/// <remarks>
/// Threads that share each operation wait for each other at every one of them; threads with rows of their own do not. Whole
/// stacks of layers gain about a tenth from that on two cores, if each part has some hundred positions. A model is called from several
/// threads at once: it must be in eval mode, and must not change in <c>forward</c>. No gradients are kept;
/// for training there is <c>BatchGradients</c> in ContextAware.Models. One call at a time.
/// <code>
/// using var inference = new BatchInference(threads: 2);
/// var output = inference.Run(input, part => encoder.call(part).Output);
/// </code>
/// </remarks>
public sealed class BatchInference : IDisposable
{
    private readonly int threads;
    private readonly BatchWorkers workers;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many: as many as there are cores, mostly.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is not positive.</exception>
    public BatchInference(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        this.threads = threads;
        workers = new(threads);
    }

    /// <summary>Runs a model that needs nothing but its input.</summary>
    /// <param name="input">[B, ...].</param>
    /// <param name="model">Takes some of the rows, and gives a row for each.</param>
    /// <returns>What it gave, [B, ...], without gradients, in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">There is no row.</exception>
    /// <exception cref="InvalidOperationException">The model gives another number of rows, or another call is going on.</exception>
    public Tensor Run(Tensor input, Func<Tensor, Tensor> model)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(model);
        if (input.Dimensions == 0) throw new ArgumentException("Expected [B, ...], got a scalar.", nameof(input));
        return Run(input.size(0), part => model(part.Of(input)));
    }

    /// <summary>Runs a model that needs several tensors, lengths or masks: the part tells which rows of each.</summary>
    /// <param name="batch">B.</param>
    /// <param name="model">Gives a row for each of the part's.</param>
    /// <returns>What it gave, [B, ...], without gradients, in the current dispose scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batch"/> is not positive.</exception>
    /// <exception cref="InvalidOperationException">The model gives another number of rows, or another call is going on.</exception>
    public Tensor Run(long batch, Func<BatchPart, Tensor> model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        var parts = (int)Math.Min(threads, batch);
        var found = workers.Run(parts, i => Compute(model, Part(batch, i, parts)));
        try
        {
            return cat(found);
        }
        finally
        {
            foreach (var one in found) one.Dispose();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose() => workers.Dispose();

    private static BatchPart Part(long batch, int number, int parts)
    {
        var first = batch * number / parts;
        return new(first, (batch * (number + 1) / parts) - first);
    }

    private static Tensor Compute(Func<BatchPart, Tensor> model, BatchPart part)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var result = model(part);
        if (result.Dimensions == 0 || result.size(0) != part.Count)
            throw new InvalidOperationException($"Expected {part.Count} rows from the model, got {ShapeText.Of(result)}.");
        // A tensor of the model's own may come back, which stays its own.
        return result.alias().DetachFromDisposeScope();
    }
}
