using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>A network that turns sequences into others, with the symbols that it reads and writes.</summary>
public sealed class SequenceNetwork : IDisposable
{
    private readonly List<SequenceNetwork> companions = [];
    private readonly ISequenceModel own;
    private ISequenceModel writer;

    /// <summary>Makes a network that has learned nothing, in eval mode.</summary>
    /// <param name="settings">Its kind and sizes.</param>
    /// <param name="sources">What it reads.</param>
    /// <param name="targets">What it writes.</param>
    /// <param name="device">Where it runs.</param>
    public SequenceNetwork(NetworkSettings settings, Alphabet sources, Alphabet targets, Device device)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (Settings, Sources, Targets, Device) = (settings, sources, targets, device);
        (Module, own) = settings.Create(sources.Count, targets.Count);
        writer = own;
        Module.to(device);
        Module.eval();
    }

    /// <summary>Its kind and sizes.</summary>
    public NetworkSettings Settings { get; }

    /// <summary>What it reads.</summary>
    public Alphabet Sources { get; }

    /// <summary>What it writes.</summary>
    public Alphabet Targets { get; }

    /// <summary>Where it runs.</summary>
    public Device Device { get; }

    /// <summary>The network itself.</summary>
    public nn.Module<Tensor, Tensor, Tensor, bool, DecoderOutput> Module { get; }

    /// <summary>How many numbers it has learned or has to.</summary>
    public long ParameterCount => Module.parameters().Sum(parameter => parameter.numel());

    /// <summary>Whether it looks at the source while it writes.</summary>
    public bool Attends => Settings.Attends;

    /// <summary>The loss of a batch, for training.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="smoothing">The part of the truth that is spread over all symbols.</param>
    public Tensor Loss(SequenceBatch batch, double smoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return SequenceLoss.CrossEntropy(Module.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput, smoothing);
    }

    /// <summary>What a training has to do before each step so that n-grams are looked up, and learned, only in its later part.</summary>
    /// <param name="part">The part of the training that goes without them, from 0 up to but not including 1.</param>
    /// <returns>Null if there is nothing to do.</returns>
    public Action<TrainingPoint>? NGramsFrom(double part) =>
        part > 0 && Module is TransformerSeq2Seq { SourceNGrams: { } ngrams } ? point => ngrams.IsResting = point.Used < part : null;

    /// <summary>
    /// Takes over what another network has learned, which has all that this one has but tables of n-grams. Those begin with zeros, so
    /// that this one writes what the other does until it learns more.
    /// </summary>
    public void Take(SequenceNetwork other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weights = Module.state_dict();
        foreach (var (name, weight) in other.Module.state_dict()) weights[name].copy_(weight);
    }

    /// <summary>From now on writes together with another network: the mean of their probabilities decides.</summary>
    /// <param name="other">Reads and writes the same symbols, on the same device. Taken over.</param>
    public void WriteWith(SequenceNetwork other)
    {
        ArgumentNullException.ThrowIfNull(other);
        companions.Add(other);
        writer = new ModelEnsemble([own, .. companions.Select(companion => companion.own)]);
    }

    /// <summary>Writes a target for each source.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="beam">How many beginnings to keep in mind; 1 takes the likeliest symbol at each step.</param>
    /// <param name="longest">The most symbols to write, the end mark included.</param>
    /// <param name="needWeights">Whether to return where it looked.</param>
    /// <param name="cancellation">Stops before the next symbol.</param>
    /// <exception cref="UserException">A source is empty or has an unknown symbol.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<(string[] Symbols, Hypothesis Written)> Write(
        IEnumerable<IReadOnlyList<string>> sources, int beam, int longest, bool needWeights = false, CancellationToken cancellation = default) =>
        [.. BatchedDecoding.Write(writer, [.. sources.Select(Sources.Encode)], beam, longest, Device, needWeights, cancellation)
            .Select(written => (Targets.Decode(written.Tokens), written))];

    /// <summary>Frees the network, and those that write with it.</summary>
    public void Dispose()
    {
        Module.Dispose();
        companions.ForEach(companion => companion.Dispose());
    }
}
