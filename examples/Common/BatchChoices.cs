using System.CommandLine;
using ContextAware.Models.Training;
using TorchSharp;

namespace Examples.Common;

/// <summary>The options of a command line that say how examples go through a network: how many make a step, and how many of its parts go side by side.</summary>
public sealed class BatchChoices
{
    private const int MostParts = 256;

    private readonly Option<int> batch;
    private readonly Option<int?> atOnce = CommonOptions.OptionalCount(
        "--at-once", $"Cut each batch into so many parts and work on them side by side, each on a core. Without it: {BatchedDecoding.AtOnceOnCpu} on the CPU, else 1.", MostParts);

    /// <summary>Makes the options.</summary>
    /// <param name="examples">What a batch has.</param>
    /// <param name="defaultSize">The most of them in a batch where nothing is said.</param>
    public BatchChoices(string examples, int defaultSize) => batch = CommonOptions.Count("--batch", $"The most {examples} in a batch.", defaultSize, most: CommonOptions.MostInBatch);

    /// <summary>Gives a command the options.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Options.Add(batch);
        command.Options.Add(atOnce);
    }

    /// <summary>The most examples in a batch.</summary>
    public int Size(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetValue(batch);
    }

    /// <summary>How to train, with as many parts of each batch at once as a command line says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">How to train otherwise.</param>
    /// <param name="device">Where the network is.</param>
    public TrainerOptions Read(ParseResult parsed, TrainerOptions options, DeviceType device)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return Divide(options, parsed.GetValue(atOnce) ?? Default(device));
    }

    /// <summary>How to train, with as many parts of each batch at once as where nothing is said.</summary>
    /// <param name="options">How to train otherwise.</param>
    /// <param name="device">Where the network is.</param>
    public static TrainerOptions Divide(TrainerOptions options, DeviceType device) => Divide(options, Default(device));

    private static TrainerOptions Divide(TrainerOptions options, int parts)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { AtOnce = parts, Accumulation = options.Accumulation * parts };
    }

    private static int Default(DeviceType device) => device == DeviceType.CPU ? BatchedDecoding.AtOnceOnCpu : 1;
}
