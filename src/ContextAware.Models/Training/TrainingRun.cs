using System.Diagnostics;
using ContextAware.IO;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Everything of a training that changes while it runs, and its way to a file and back.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly nn.Module model;
    private readonly TrainerOptions options;
    private readonly TrainingOptimizer optimizer;
    private readonly WeightCopy? average;
    private readonly WeightCopy? best;
    private readonly FileStream? folderLock;
    private readonly Stopwatch clock = new();
    private readonly TimeSpan before;
    private TimeSpan savedAt;
    private long savedStep = -1;

    /// <summary>Starts a run, or takes up the one whose state is kept.</summary>
    public TrainingRun(nn.Module model, int exampleCount, TrainerOptions options)
    {
        (this.model, this.options) = (model, options);
        var named = model.named_parameters().DistinctBy(pair => pair.parameter.Handle).ToArray();
        optimizer = new(named, options.Optimizer, options.Beta1, options.Beta2, options.WeightDecay);
        if (options.AverageDecay is not null) average = new(named.Select(pair => KeyValuePair.Create(pair.name, (Tensor)pair.parameter)), isAverage: true);
        if (options.KeepBest) best = new(model.state_dict());
        Position = new() { Optimizer = options.Optimizer, ExampleCount = exampleCount, ParameterSteps = optimizer.Steps() };
        try
        {
            if (options.AtOnce > 1) Gradients = new(named.Select(pair => pair.parameter), options.AtOnce);
            if (options.Checkpoints is { } kept)
            {
                folderLock = Lock(kept);
                AtomicFile.RemoveLeftovers(kept.Path);
                if (kept.Resume && File.Exists(kept.Path)) Load(kept.Path);
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        before = savedAt = new(Position.Ticks);
        clock.Start();
        Measure();
    }

    public TrainingPosition Position { get; private set; }

    /// <summary>What works on several batches at once; null if one after the other is worked on.</summary>
    public BatchGradients? Gradients { get; }

    /// <summary>The file with the last state that was kept; null if there is none.</summary>
    public string? LastCheckpoint { get; private set; }

    public TimeSpan Elapsed => before + clock.Elapsed;

    /// <summary>The part of the budget that is used up, 0 to 1.</summary>
    public double Used { get; private set; }

    /// <summary>How far it has come.</summary>
    public TrainingPoint Point => new(Used, Position.Step);

    /// <summary>Whether judging has shown no gain for too long.</summary>
    public bool HasStalled => Position.Stale >= options.Patience;

    /// <summary>Whether there is nothing more to do. An epoch whose examples are all done is still to be judged.</summary>
    public bool IsOver => HasStalled || (Used >= 1 && Position.EpochExamples < Position.ExampleCount);

    /// <summary>Whether steps have been taken since the state was kept.</summary>
    public bool HasChanged => Position.Step != savedStep;

    /// <summary>The learning rate of the next step.</summary>
    public double Rate => options.LearningRate * options.Schedule(Point) * Position.RateFactor;

    /// <summary>The norm of all gradients as one vector.</summary>
    public double GradientNorm() => optimizer.GradientNorm();

    /// <summary>Moves the weights by their gradients.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="norm">The gradients' norm, to clip them by.</param>
    public void TakeStep(double rate, double norm)
    {
        optimizer.Step(rate, TrainingOptimizer.ClipFactor(norm, options.GradientClip));
        Position.Step++;
        if (options.AverageDecay is { } decay) average!.Follow(Math.Min(decay, (1.0 + Position.Step) / (10 + Position.Step)));
    }

    /// <summary>Finds out how much of the budget is used up.</summary>
    public void Measure() =>
        Used = options.Budget.Used(Position.Epoch + ((double)Position.EpochExamples / Position.ExampleCount), Elapsed);

    /// <summary>Lets the model have the averaged weights while <paramref name="look"/> runs.</summary>
    public void WithAverage(Action look)
    {
        if (average is null) look();
        else average.Lend(look);
    }

    /// <summary>Takes note of what judging said. The model has the weights that were judged.</summary>
    public bool Note(double? figure)
    {
        var isBest = figure is { } number && Position.Note(number, options.Plateau);
        if (isBest) best?.Take();
        return isBest;
    }

    /// <summary>Leaves the model with the weights to be used: the best, or the averaged, or the last.</summary>
    public void Finish()
    {
        if (best is not null && Position.Best is not null) best.Put();
        else average?.Put();
    }

    /// <summary>Keeps the state.</summary>
    /// <param name="always">Whether to do it though it isn't due.</param>
    /// <returns>Whether it was kept.</returns>
    public bool Save(bool always)
    {
        if (options.Checkpoints is not { } kept) return false;
        if (!always && !kept.IsDue(Position.Step - Math.Max(0, savedStep), Elapsed - savedAt)) return false;
        (Position.Ticks, Position.ParameterSteps) = (Elapsed.Ticks, optimizer.Steps());
        TrainingStateFile.Save(kept.Path, Position, Tensors());
        (LastCheckpoint, savedStep, savedAt) = (kept.Path, Position.Step, Elapsed);
        return true;
    }

    public void Dispose()
    {
        Gradients?.Dispose();
        optimizer.Dispose();
        average?.Dispose();
        best?.Dispose();
        folderLock?.Dispose();
    }

    private void Load(string path)
    {
        Position = TrainingStateFile.Load(path, Position, Tensors());
        optimizer.SetSteps(Position.ParameterSteps);
        (LastCheckpoint, savedStep) = (path, Position.Step);
    }

    private Dictionary<string, Tensor> Tensors()
    {
        return Named("model", model.state_dict()).Concat(Named("optimizer", optimizer.Moments))
            .Concat(Named("average", average?.Tensors ?? [])).Concat(Named("best", best?.Tensors ?? [])).ToDictionary();

        static IEnumerable<KeyValuePair<string, Tensor>> Named(string prefix, IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
            tensors.Select(pair => KeyValuePair.Create($"{prefix}.{pair.Key}", pair.Value));
    }

    // Two runs in one folder would replace each other's state. The system lets go of the lock when a process ends, however it ends.
    private static FileStream Lock(CheckpointOptions kept)
    {
        Directory.CreateDirectory(kept.Folder);
        var path = Path.Combine(kept.Folder, ".lock");
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new IOException($"Another training keeps its state in {kept.Folder}.", error);
        }
    }
}
