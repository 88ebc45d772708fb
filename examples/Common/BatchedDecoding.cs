using ContextAware.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>Writes targets for any number of sources.</summary>
public static class BatchedDecoding
{
    /// <summary>Parts of a batch that are worked on side by side on the CPU where nothing is said.</summary>
    internal const int AtOnceOnCpu = 2;

    private const int BatchSize = 256;

    /// <summary>Writes a target for each source. Sources of like length go together, so that no batch waits long for its longest.</summary>
    /// <param name="model">The model, in eval mode.</param>
    /// <param name="sources">The sources, none of them empty.</param>
    /// <param name="beam">How many beginnings to keep in mind; 1 takes the likeliest symbol at each step.</param>
    /// <param name="maximumLength">The most symbols to write, the end mark included.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="needWeights">Whether to return where the model looked.</param>
    /// <param name="cancellation">Stops before the next symbol.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Hypothesis[] Write(
        ISequenceModel model, IReadOnlyList<int[]> sources, int beam, int maximumLength, Device device, bool needWeights = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        var stoppable = new StoppableModel(model, cancellation);
        var written = new Hypothesis[sources.Count];
        var atOnce = device.type == DeviceType.CPU ? AtOnceOnCpu : 1;
        foreach (var batch in Enumerable.Range(0, sources.Count).OrderBy(index => sources[index].Length).Chunk(BatchSize))
        {
            var part = Array.ConvertAll(batch, index => sources[index]);
            var answers = beam == 1
                ? new GreedyDecoder(stoppable, maximumLength, atOnce).Decode(part, device, needWeights)
                : [.. new BeamSearch(stoppable, new() { Width = beam, MaximumLength = maximumLength, AtOnce = atOnce }).Decode(part, device, needWeights).Select(best => best[0])];
            for (var i = 0; i < batch.Length; i++) written[batch[i]] = answers[i];
        }

        return written;
    }
}
