using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Trains a model with Adam: Kingma and Ba 2015 (arXiv 1412.6980).</summary>
/// <remarks>
/// It shows nothing and writes nothing: progress is a stream of events, for a terminal, a test or a notebook alike.
/// With a budget of epochs, the same seeds give the same weights.
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
    /// <param name="loss">The mean loss of a batch, a scalar, by the model's forward.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The budget has no limit.</exception>
    public Trainer(nn.Module model, ITrainingData<TBatch> data, Func<TBatch, Tensor> loss, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(options);
        options.Budget.Check(nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LearningRate, nameof(options));
        (this.model, this.data, this.loss, this.options) = (model, data, loss, options);
    }

    /// <summary>
    /// Judges the model after each epoch, in eval mode: an error on held-out examples, say. Its figure goes into
    /// <see cref="EpochEnded"/>; its time counts as time of the budget. Null judges nothing.
    /// </summary>
    public Func<double>? Validate { get; init; }

    /// <summary>Trains until the budget is used up. The model is left in eval mode.</summary>
    /// <param name="progress">Told of every event, on this thread; null if nobody listens.</param>
    /// <param name="cancellation">Stops after the step at hand; the model keeps what it has learned.</param>
    /// <exception cref="NonFiniteLossException">The loss is NaN or infinite.</exception>
    public TrainingSummary Run(IProgress<TrainingEvent>? progress = null, CancellationToken cancellation = default)
    {
        model.train();
        var parameters = model.parameters().ToArray();
        using var optimizer = optim.Adam(parameters, options.LearningRate);
        var run = new TrainingRun(Stopwatch.StartNew());
        try
        {
            for (var epoch = 0L; run.Used < 1 && !cancellation.IsCancellationRequested; epoch++)
                RunEpoch(epoch, run, optimizer, parameters, progress, cancellation);
        }
        finally
        {
            model.eval();
        }

        return new(run.Steps, run.Examples, run.Clock.Elapsed, Cancelled: run.Used < 1);
    }

    private void RunEpoch(long epoch, TrainingRun run, Adam optimizer, Parameter[] parameters, IProgress<TrainingEvent>? progress, CancellationToken cancellation)
    {
        var (batches, examples, sum) = (0L, 0L, 0.0);
        foreach (var batch in data.Epoch(epoch))
        {
            using (batch)
            {
                if (run.Used >= 1 || cancellation.IsCancellationRequested) return;
                var rate = options.LearningRate * options.Schedule(run.Used);
                var (value, norm) = Step(batch, rate, optimizer, parameters, (run.Steps, epoch, batches));
                run.Steps++;
                run.Examples += batch.Size;
                batches++;
                examples += batch.Size;
                sum += value * batch.Size;
                run.Used = options.Budget.Used(epoch + ((double)examples / data.ExampleCount), run.Clock.Elapsed);
                progress?.Report(new StepTaken(run.Steps, epoch, run.Clock.Elapsed, run.Used, value, rate, norm, run.Examples));
            }
        }

        progress?.Report(new EpochEnded(run.Steps, epoch, run.Clock.Elapsed, sum / examples, Judge()));
        run.Used = options.Budget.Used(epoch + 1, run.Clock.Elapsed);
    }

    private double? Judge()
    {
        if (Validate is null) return null;
        model.eval();
        var figure = Validate();
        model.train();
        return figure;
    }

    private (double Loss, double? Norm) Step(TBatch batch, double rate, Adam optimizer, Parameter[] parameters, (long Step, long Epoch, long Batch) place)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var value = loss(batch);
        var number = value.item<float>();
        if (!float.IsFinite(number)) throw new NonFiniteLossException(number, place.Step, place.Epoch, place.Batch);
        value.backward();
        double? norm = options.GradientClip is { } limit ? nn.utils.clip_grad_norm_(parameters, limit) : null;
        foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
        optimizer.step();
        return (number, norm);
    }

    private sealed class TrainingRun(Stopwatch clock)
    {
        public Stopwatch Clock { get; } = clock;

        public long Steps { get; set; }

        public long Examples { get; set; }

        public double Used { get; set; }
    }
}
