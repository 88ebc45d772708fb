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

    private readonly Vocabulary words;
    private readonly Vocabulary actions;

    /// <summary>Makes a model that has learned nothing.</summary>
    /// <param name="settings">Its words, actions and sizes.</param>
    /// <param name="device">Where it runs.</param>
    public Translator(TranslatorSettings settings, Device device)
    {
        (Settings, Device) = (settings, device);
        (words, actions) = (new(settings.Words), new(settings.Actions));
        Model = new(new()
        {
            SourceVocabulary = words.Count,
            TargetVocabulary = actions.Count,
            Cell = settings.Cell,
            EmbeddingWidth = settings.Embedding,
            HiddenWidth = settings.Hidden,
            Dropout = settings.Dropout,
        });
        Model.to(device);
        Model.eval();
    }

    /// <summary>Its words, actions and sizes.</summary>
    public TranslatorSettings Settings { get; }

    /// <summary>Where it runs.</summary>
    public Device Device { get; }

    /// <summary>The network.</summary>
    public RecurrentSeq2Seq Model { get; }

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static Translator Load(string path, Device device) =>
        ModelFile.Load<TranslatorSettings, Translator>(path, settings => new(settings, device), translator => translator.Model);

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public void Save(string path) => ModelFile.Save(path, Model, Settings);

    /// <summary>Commands as examples.</summary>
    /// <exception cref="UserException">A word or an action is unknown.</exception>
    public IReadOnlyList<SequencePair> Examples(IReadOnlyList<CommandPair> pairs) =>
        [.. pairs.Select(pair => new SequencePair(Encode(words, pair.Words), Encode(actions, pair.Actions)))];

    /// <summary>The loss of a batch, for training.</summary>
    public Tensor Loss(SequenceBatch batch) =>
        SequenceLoss.CrossEntropy(Model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput);

    /// <summary>Carries commands out.</summary>
    /// <param name="commands">The words of each.</param>
    /// <param name="beam">How many beginnings to keep in mind.</param>
    /// <param name="needWeights">Whether to return where the model looked.</param>
    /// <exception cref="UserException">A command is empty or has an unknown word.</exception>
    public IReadOnlyList<(string[] Actions, Hypothesis Written)> Translate(IReadOnlyList<IReadOnlyList<string>> commands, int beam = 1, bool needWeights = false) =>
        [.. BatchedDecoding.Write(Model, [.. commands.Select(command => Encode(words, command))], beam, LongestAnswer, Device, needWeights)
            .Select(written => (actions.Decode(written.Tokens), written))];

    /// <summary>The part of the commands whose actions are all right, 0 to 1.</summary>
    public double ExactMatch(IReadOnlyList<CommandPair> pairs, int beam = 1) =>
        Translate([.. pairs.Select(pair => pair.Words)], beam).Zip(pairs)
            .Count(pair => pair.First.Written.IsComplete && pair.First.Actions.SequenceEqual(pair.Second.Actions)) / (double)pairs.Count;

    /// <summary>Frees the network.</summary>
    public void Dispose() => Model.Dispose();

    private static int[] Encode(Vocabulary vocabulary, IReadOnlyList<string> symbols)
    {
        if (symbols.Count == 0) throw new UserException("A command is empty.");
        var unknown = symbols.FirstOrDefault(symbol => !vocabulary.TryGetNumber(symbol, out _));
        return unknown is null
            ? vocabulary.Encode(symbols)
            : throw new UserException($"The model knows no '{unknown}'; it knows {string.Join(' ', vocabulary.Symbols)}");
    }
}
