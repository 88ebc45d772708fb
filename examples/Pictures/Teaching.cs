using ContextAware.Models.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace Pictures;

/// <summary>Trains a model and keeps it: after each epoch, at the end, and when stopped.</summary>
public sealed class Teaching
{
    /// <summary>How to train.</summary>
    public required TrainerOptions Options { get; init; }

    /// <summary>What an example is: "pictures".</summary>
    public required string What { get; init; }

    /// <summary>What the figure of validation is the share of: "wrong captions".</summary>
    public required string Judged { get; init; }

    /// <summary>The figure; lower is better.</summary>
    public required Func<double> Judge { get; init; }

    /// <summary>Writes the model.</summary>
    public required Action Keep { get; init; }

    /// <summary>Trains.</summary>
    /// <returns>What the program tells the shell.</returns>
    /// <exception cref="UserException">The loss is no longer finite, or the model can't be written.</exception>
    public int Run<TBatch>(nn.Module model, ITrainingData<TBatch> data, Func<TBatch, Tensor> loss, IAnsiConsole console, CancellationToken cancellation)
        where TBatch : ITrainingBatch
    {
        var progress = new LineProgress(console, What, Judged, Keep);
        try
        {
            var summary = new Trainer<TBatch>(model, data, loss, Options) { Validate = Judge }.Run(progress, cancellation);
            progress.Sum(summary);
            if (summary.Steps > 0) Keep();
            return summary.Cancelled ? ExampleProgram.Stopped : ExampleProgram.Success;
        }
        catch (NonFiniteLossException error)
        {
            throw new UserException(error.Message, error);
        }
    }
}
