using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Trains a model.</summary>
/// <remarks>
/// It shows nothing, and writes nothing but its own state where <see cref="TrainerOptions.Checkpoints"/> say so: progress is a
/// stream of events, for a terminal, a test or a notebook alike. With a budget of epochs, the same seeds give the same weights;
/// not so where batches are worked on side by side and the model draws from torch's own generator (<see cref="BatchGradients"/>).
/// </remarks>
/// <typeparam name="TBatch">What a batch is.</typeparam>
public sealed class Trainer<TBatch>
    where TBatch : ITrainingBatch
{
    private readonly nn.Module model;
    private readonly ITrainingData<TBatch> data;
    private readonly Func<TBatch, Tensor> loss;
    private readonly TrainerOptions options;

    /// <summary>Takes what to train on what.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The examples.</param>
    /// <param name="loss">The mean loss of a batch over its <see cref="ITrainingBatch.Weight"/>, a scalar, by the model's forward. With <see cref="TrainerOptions.AtOnce"/> above 1 it is called on several threads.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The budget has no limit, an option is out of range, or there is no example.</exception>
    public Trainer(nn.Module model, ITrainingData<TBatch> data, Func<TBatch, Tensor> loss, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(nameof(options));
        if (data.ExampleCount <= 0) throw new ArgumentException($"Expected at least one example, got {data.ExampleCount}.", nameof(data));
        (this.model, this.data, this.loss, this.options) = (model, data, loss, options);
    }

    /// <summary>
    /// Judges the model after each epoch, in eval mode: an error on held-out examples, say; lower is better. Its figure goes
    /// into <see cref="EpochEnded"/>; its time counts as time of the budget. Null judges nothing.
    /// </summary>
    public Func<double>? Validate { get; init; }

    /// <summary>
    /// Called before each step, on this thread, with how far the training has come: to change with it what the model does while it
    /// learns, a dropout say. A run that is taken up calls it before anything else. Null calls nothing.
    /// </summary>
    public Action<TrainingPoint>? BeforeStep { get; init; }

    /// <summary>Trains until the budget is used up. The model is left in eval mode.</summary>
    /// <param name="progress">Told of every event, on this thread; null if nobody listens.</param>
    /// <param name="cancellation">Stops after the step at hand; the model keeps what it has learned, and the state is kept too.</param>
    /// <exception cref="InvalidOperationException">An option needs <see cref="Validate"/>, and there is none.</exception>
    /// <exception cref="NonFiniteLossException">The loss, the norm of its gradient or the learning rate is NaN or infinite.</exception>
    /// <exception cref="IOException">The state can't be kept, or another training keeps its own in the same folder.</exception>
    /// <exception cref="InvalidDataException">The state to be taken up is that of another training, or can't be.</exception>
    /// <exception cref="Interop.StateDictException">Its tensors are others.</exception>
    /// <exception cref="Interop.SafetensorsException">Its file is broken.</exception>
    public TrainingSummary Run(IProgress<TrainingEvent>? progress = null, CancellationToken cancellation = default)
    {
        if (options.NeedsJudging && Validate is null)
            throw new InvalidOperationException("A plateau, a patience or keeping the best weights needs Validate to judge the model; it is null.");
        using var run = new TrainingRun(model, data.ExampleCount, options);
        var at = run.Position;
        progress?.Report(new TrainingStarted(at.Step, at.Epoch, run.Elapsed, run.LastCheckpoint));
        model.train();
        if (at.Step > 0) BeforeStep?.Invoke(run.Point);         // there may be no step left before the model is judged
        try
        {
            while (!run.IsOver && !cancellation.IsCancellationRequested) RunEpoch(run, progress, cancellation);
            if (run.HasChanged) Save(run, progress, always: true);
            run.Finish();
        }
        finally
        {
            model.eval();
        }

        return new(at.Step, at.Examples, run.Elapsed, Cancelled: !run.IsOver, run.HasStalled, at.Best);
    }

    private void RunEpoch(TrainingRun run, IProgress<TrainingEvent>? progress, CancellationToken cancellation)
    {
        foreach (var batches in Steps(run.Position.Epoch, run.Position.Batch))
        {
            if (run.IsOver || cancellation.IsCancellationRequested) return;
            var taken = TakeStep(run, batches);
            progress?.Report(taken);
            Save(run, progress, always: false);
        }

        if (cancellation.IsCancellationRequested) return;       // the epoch is judged when it is taken up
        EndEpoch(run, progress);
        Save(run, progress, always: true);
    }

    /// <summary>The batches of an epoch's steps, which are freed when the next are asked for, or none.</summary>
    private IEnumerable<TBatch[]> Steps(long epoch, long skip)
    {
        var batches = new List<TBatch>();
        try
        {
            foreach (var batch in data.Epoch(epoch, skip))
            {
                batches.Add(batch);
                if (batches.Count < options.Accumulation) continue;
                yield return [.. batches];
                Free();
            }

            if (batches.Count > 0) yield return [.. batches];
        }
        finally
        {
            Free();
        }

        void Free()
        {
            batches.ForEach(batch => batch.Dispose());
            batches.Clear();
        }
    }

    private StepTaken TakeStep(TrainingRun run, TBatch[] batches)
    {
        using var scope = NewDisposeScope();
        var (at, rate, weight) = (run.Position, run.Rate, batches.Sum(batch => batch.Weight));
        RefuseNonFinite("learning rate", rate, run, at.Batch);
        BeforeStep?.Invoke(run.Point);
        model.zero_grad();
        var shares = Array.ConvertAll(batches, batch => (double)batch.Weight / weight);
        var mean = 0.0;
        if (run.Gradients is { } gradients)
            mean = SideBySide(run, gradients, batches, shares);
        else
            for (var i = 0; i < batches.Length; i++) mean += Backward(run, batches[i], shares[i], at.Batch + i);
        // Without a clip too: what is not finite must get neither into the weights nor into a checkpoint.
        var norm = run.GradientNorm();
        RefuseNonFinite("norm of the gradient", norm, run, at.Batch + batches.Length - 1);
        run.TakeStep(rate, norm);
        var examples = batches.Sum(batch => batch.Size);
        at.Batch += batches.Length;
        at.Examples += examples;
        at.EpochExamples += examples;
        at.EpochWeight += weight;
        at.EpochLoss += mean * weight;
        run.Measure();
        return new(at.Step, at.Epoch, run.Elapsed, run.Used, mean, rate, options.GradientClip is null ? null : norm, at.Examples);
    }

    /// <summary>Adds a batch's gradients, times its share of the step.</summary>
    /// <returns>Its loss times its share.</returns>
    private double Backward(TrainingRun run, TBatch batch, double share, long number)
    {
        using var scope = NewDisposeScope();
        var mean = loss(batch);
        var value = mean.ToDouble();
        RefuseNonFinite("loss", value, run, number);
        (share == 1 ? mean : mean * share).backward();
        return value * share;
    }

    /// <summary>Adds the gradients of all batches, each times its share of the step.</summary>
    /// <returns>The sum of their losses, each times its share.</returns>
    private double SideBySide(TrainingRun run, BatchGradients gradients, TBatch[] batches, double[] shares)
    {
        var values = gradients.Add([.. batches.Zip<TBatch, double, Func<Tensor>>(shares, (batch, share) => () => loss(batch) * share)]);
        for (var i = 0; i < values.Length; i++) RefuseNonFinite("loss", values[i], run, run.Position.Batch + i);
        return values.Sum();
    }

    private void EndEpoch(TrainingRun run, IProgress<TrainingEvent>? progress)
    {
        var at = run.Position;
        model.eval();
        run.WithAverage(() =>
        {
            var figure = Validate?.Invoke();
            var isBest = run.Note(figure);
            progress?.Report(new EpochEnded(at.Step, at.Epoch, run.Elapsed, at.MeanLoss, figure, isBest));
        });
        model.train();
        at.EndEpoch();
        run.Measure();
    }

    private static void Save(TrainingRun run, IProgress<TrainingEvent>? progress, bool always)
    {
        if (run.Save(always))
            progress?.Report(new CheckpointSaved(run.Position.Step, run.Position.Epoch, run.Elapsed, run.LastCheckpoint!));
    }

    private static void RefuseNonFinite(string what, double value, TrainingRun run, long batch)
    {
        if (!double.IsFinite(value))
            throw new NonFiniteLossException(what, value, run.Position.Step, run.Position.Epoch, batch, run.LastCheckpoint);
    }
}
