using ContextAware.Models.Data;
using Examples.Common;
using Pronounce.Words;
using static TorchSharp.torch;

namespace Pronounce.Speech;

/// <summary>A model with the alphabets that it reads and writes.</summary>
public sealed class Pronouncer : IDisposable
{
    private const int LongestPronunciation = 60;

    private readonly SequenceNetwork network;

    /// <summary>Makes a model that has learned nothing.</summary>
    /// <param name="settings">Its alphabets and sizes.</param>
    /// <param name="device">Where it runs.</param>
    public Pronouncer(PronouncerSettings settings, Device device)
    {
        Settings = settings;
        network = new(settings, new("letter", "word", "", settings.Letters), new("phone", "pronunciation", " ", settings.Phones), device);
    }

    /// <summary>Its alphabets and sizes.</summary>
    public PronouncerSettings Settings { get; }

    /// <summary>The network.</summary>
    public SequenceNetwork Network => network;

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file; null takes the model that the program carries.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="change">What becomes of its settings, for learning more: another dropout, say; null: they stay.</param>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static Pronouncer Load(string? path, Device device, Func<PronouncerSettings, PronouncerSettings>? change = null)
    {
        if (path is not null) return ModelFile.Load<PronouncerSettings, Pronouncer>(path, Make, made => made.network.Module);
        using var carried = typeof(Pronouncer).Assembly.GetManifestResourceStream("model")
            ?? throw new InvalidOperationException("The program was built without its model.");
        return ModelFile.Load<PronouncerSettings, Pronouncer>("that the program carries", carried, Make, made => made.network.Module);

        Pronouncer Make(PronouncerSettings settings) => new(change is null ? settings : change(settings), device);
    }

    /// <summary>Reads models that speak together: the mean of their probabilities decides on each phone.</summary>
    /// <param name="paths">The files, at least one.</param>
    /// <param name="device">Where they run.</param>
    /// <returns>The first, which the others speak with.</returns>
    /// <exception cref="UserException">A file can't be read, or its model knows other letters or phones than the first.</exception>
    public static Pronouncer LoadTogether(IReadOnlyList<string> paths, Device device)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var first = Load(paths[0], device);
        try
        {
            foreach (var path in paths.Skip(1))
            {
                var other = Load(path, device);
                first.network.WriteWith(other.network);
                if (!other.Settings.Letters.SequenceEqual(first.Settings.Letters) || !other.Settings.Phones.SequenceEqual(first.Settings.Phones))
                    throw new UserException($"{path} knows other letters or phones than {paths[0]}: they can't speak together.");
            }

            return first;
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>The same model with tables of n-grams, which it hasn't: see <see cref="SequenceNetwork.Take"/>.</summary>
    /// <param name="settings">This model's, with n-grams.</param>
    public Pronouncer WithNGrams(PronouncerSettings settings)
    {
        var made = new Pronouncer(settings, network.Device);
        made.network.Take(network);
        return made;
    }

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="storage">The element type to store; null stores the network's own.</param>
    /// <exception cref="UserException">The file can't be written.</exception>
    public void Save(string path, ScalarType? storage = null) => ModelFile.Save(path, network.Module, Settings, storage);

    /// <summary>Every pronunciation of every word as an example.</summary>
    /// <exception cref="UserException">A word has a letter or a phone that the model does not know.</exception>
    public IReadOnlyList<SequencePair> Examples(Lexicon words)
    {
        var examples = new List<SequencePair>(words.PronunciationCount);
        foreach (var entry in words.Entries)
        {
            var source = network.Sources.Encode(Letters(entry.Word));
            foreach (var pronunciation in entry.Pronunciations) examples.Add(new(source, network.Targets.Encode(pronunciation)));
        }

        return examples;
    }

    /// <summary>Pronounces words.</summary>
    /// <param name="words">The words, of letters that the model knows.</param>
    /// <param name="beam">How many beginnings to keep in mind; 1 takes the likeliest phone at each step.</param>
    /// <param name="needWeights">Whether to return where the model looked.</param>
    /// <param name="cancellation">Stops before the next phone.</param>
    /// <exception cref="UserException">A word is empty or has an unknown letter.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<Pronunciation> Pronounce(IReadOnlyList<string> words, int beam = 1, bool needWeights = false, CancellationToken cancellation = default) =>
        [.. words.Zip(network.Write(words.Select(Letters), beam, LongestPronunciation, needWeights, cancellation), (word, said) => new Pronunciation(word, said.Symbols, said.Written.Weights))];

    /// <summary>Judges how well the model pronounces the words of a dictionary.</summary>
    /// <param name="words">The words.</param>
    /// <param name="beam">How many beginnings to keep in mind.</param>
    /// <param name="cancellation">Stops before the next phone.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public PronunciationScore Judge(Lexicon words, int beam = 1, CancellationToken cancellation = default) =>
        PronunciationScore.Of(Answers(words, beam, cancellation), words.Entries);

    /// <summary>Judges the words of each length apart.</summary>
    /// <param name="words">The words.</param>
    /// <param name="beam">How many beginnings to keep in mind.</param>
    /// <param name="cancellation">Stops before the next phone.</param>
    /// <returns>The score of all, and of each number of letters, the shortest first.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public (PronunciationScore All, IReadOnlyList<(int Letters, PronunciationScore Score)> ByLength) JudgeByLength(
        Lexicon words, int beam = 1, CancellationToken cancellation = default)
    {
        var answers = Answers(words, beam, cancellation);
        var byLength = answers.Zip(words.Entries).GroupBy(pair => Spelling.Letters(pair.Second.Word).Count).OrderBy(group => group.Key)
            .Select(group => (group.Key, PronunciationScore.Of([.. group.Select(pair => pair.First)], [.. group.Select(pair => pair.Second)])));
        return (PronunciationScore.Of(answers, words.Entries), [.. byLength]);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => network.Dispose();

    private IReadOnlyList<string>[] Answers(Lexicon words, int beam, CancellationToken cancellation) =>
        [.. Pronounce([.. words.Entries.Select(entry => entry.Word)], beam, cancellation: cancellation).Select(said => said.Phones)];

    private static IReadOnlyList<string> Letters(string word) => Spelling.Letters(Spelling.Normalize(word));
}
