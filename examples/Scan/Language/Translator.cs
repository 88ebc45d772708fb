using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using Examples.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace Scan.Language;

/// <summary>A model with the words that it reads and the actions that it writes.</summary>
public sealed class Translator : IDisposable
{
    // The longest command of SCAN takes 48 actions.
    private const int LongestAnswer = 64;

    private readonly SequenceNetwork network;

    /// <summary>Makes a model that has learned nothing.</summary>
    /// <param name="settings">Its words, actions and sizes.</param>
    /// <param name="device">Where it runs.</param>
    public Translator(TranslatorSettings settings, Device device)
    {
        Settings = settings;
        network = new(settings, new("word", "command", " ", settings.Words), new("action", "answer", " ", settings.Actions), device);
    }

    /// <summary>Its words, actions and sizes.</summary>
    public TranslatorSettings Settings { get; }

    /// <summary>The network.</summary>
    public SequenceNetwork Network => network;

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static Translator Load(string path, Device device) =>
        ModelFile.Load<TranslatorSettings, Translator>(path, settings => new(settings, device), translator => translator.network.Module);

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public void Save(string path) => ModelFile.Save(path, network.Module, Settings);

    /// <summary>Commands as examples.</summary>
    /// <exception cref="UserException">A word or an action is unknown.</exception>
    public IReadOnlyList<SequencePair> Examples(IReadOnlyList<CommandPair> pairs) =>
        [.. pairs.Select(pair => new SequencePair(network.Sources.Encode(pair.Words), network.Targets.Encode(pair.Actions)))];

    /// <summary>Carries commands out.</summary>
    /// <param name="commands">The words of each.</param>
    /// <param name="beam">How many beginnings to keep in mind.</param>
    /// <param name="needWeights">Whether to return where the model looked.</param>
    /// <param name="cancellation">Stops before the next action.</param>
    /// <exception cref="UserException">A command is empty or has an unknown word.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<(string[] Actions, Hypothesis Written)> Translate(
        IReadOnlyList<IReadOnlyList<string>> commands, int beam = 1, bool needWeights = false, CancellationToken cancellation = default) =>
        network.Write(commands, beam, LongestAnswer, needWeights, cancellation);

    /// <summary>The part of the commands whose actions are all right, 0 to 1.</summary>
    /// <param name="pairs">The commands, with what they should give.</param>
    /// <param name="beam">How many beginnings to keep in mind.</param>
    /// <param name="cancellation">Stops before the next action.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public double ExactMatch(IReadOnlyList<CommandPair> pairs, int beam = 1, CancellationToken cancellation = default) =>
        Translate([.. pairs.Select(pair => pair.Words)], beam, cancellation: cancellation).Zip(pairs)
            .Count(pair => pair.First.Written.IsComplete && pair.First.Actions.SequenceEqual(pair.Second.Actions)) / (double)pairs.Count;

    /// <summary>Frees the network.</summary>
    public void Dispose() => network.Dispose();
}
