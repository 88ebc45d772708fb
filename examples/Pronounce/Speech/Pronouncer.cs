using System.Text.Json;
using System.Text.Json.Serialization;
using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using Pronounce.Words;
using TorchSharp;
using static TorchSharp.torch;

namespace Pronounce.Speech;

/// <summary>A model with the alphabets that it reads and writes.</summary>
public sealed class Pronouncer : IDisposable
{
    private const int DecodingBatch = 256;
    private const int LongestPronunciation = 60;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly Vocabulary letters;
    private readonly Vocabulary phones;

    /// <summary>Makes a model that has learned nothing.</summary>
    /// <param name="settings">Its alphabets and sizes.</param>
    /// <param name="device">Where it runs.</param>
    public Pronouncer(PronouncerSettings settings, Device device)
    {
        Settings = settings;
        Device = device;
        letters = new(settings.Letters);
        phones = new(settings.Phones);
        Model = new(new()
        {
            SourceVocabulary = letters.Count,
            TargetVocabulary = phones.Count,
            Cell = settings.Cell,
            EmbeddingWidth = settings.Embedding,
            HiddenWidth = settings.Hidden,
            EncoderLayers = settings.Layers,
            Dropout = settings.Dropout,
        });
        Model.to(device);
        Model.eval();
    }

    /// <summary>Its alphabets and sizes.</summary>
    public PronouncerSettings Settings { get; }

    /// <summary>Where it runs.</summary>
    public Device Device { get; }

    /// <summary>The network.</summary>
    public RecurrentSeq2Seq Model { get; }

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static Pronouncer Load(string path, Device device)
    {
        Pronouncer? made = null;
        try
        {
            var settings = JsonSerializer.Deserialize<PronouncerSettings>(Checkpoint.ReadSettings(path), Json)
                ?? throw new InvalidDataException($"{path} has empty settings.");
            made = new(settings, device);
            Checkpoint.LoadWeights(path, made.Model);
            return made;
        }
        catch (Exception error) when (FileErrors.IsOne(error) || error is JsonException or ArgumentException)
        {
            made?.Dispose();
            throw new UserException($"Can't load the model {path}: {FileErrors.Reason(error)}.", error);
        }
    }

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public void Save(string path)
    {
        try
        {
            Checkpoint.Save(path, Model, JsonSerializer.Serialize(Settings, Json));
        }
        catch (Exception error) when (FileErrors.IsOne(error))
        {
            throw new UserException($"Can't write {path}: {FileErrors.Reason(error)}.", error);
        }
    }

    /// <summary>Every pronunciation of every word as an example.</summary>
    /// <exception cref="UserException">A word has a letter or a phone that the model does not know.</exception>
    public IReadOnlyList<SequencePair> Examples(Lexicon words)
    {
        var examples = new List<SequencePair>(words.PronunciationCount);
        foreach (var entry in words.Entries)
        {
            var source = EncodeLetters(entry.Word);
            foreach (var pronunciation in entry.Pronunciations) examples.Add(new(source, EncodePhones(entry.Word, pronunciation)));
        }

        return examples;
    }

    /// <summary>Pronounces words.</summary>
    /// <param name="words">The words, of letters that the model knows.</param>
    /// <param name="beam">How many beginnings to keep in mind; 1 takes the likeliest phone at each step.</param>
    /// <param name="needWeights">Whether to return where the model looked.</param>
    /// <exception cref="UserException">A word is empty or has an unknown letter.</exception>
    public IReadOnlyList<Pronunciation> Pronounce(IReadOnlyList<string> words, int beam = 1, bool needWeights = false)
    {
        var sources = words.Select(EncodeLetters).ToArray();
        var spoken = new Pronunciation[words.Count];
        // Words of like length go together, so that no batch waits long for its longest word.
        foreach (var batch in Enumerable.Range(0, sources.Length).OrderBy(index => sources[index].Length).Chunk(DecodingBatch))
        {
            var written = Write(Array.ConvertAll(batch, index => sources[index]), beam, needWeights);
            for (var i = 0; i < batch.Length; i++)
                spoken[batch[i]] = new(words[batch[i]], phones.Decode(written[i].Tokens), written[i].Weights);
        }

        return spoken;
    }

    /// <summary>The loss of a batch, for training.</summary>
    public Tensor Loss(SequenceBatch batch)
    {
        var answer = Model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false);
        return SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput);
    }

    /// <summary>Judges how well the model pronounces the words of a dictionary.</summary>
    public PronunciationScore Judge(Lexicon words, int beam = 1) =>
        PronunciationScore.Of([.. Pronounce([.. words.Entries.Select(entry => entry.Word)], beam).Select(said => said.Phones)], words.Entries);

    /// <summary>Frees the network.</summary>
    public void Dispose() => Model.Dispose();

    private IReadOnlyList<Hypothesis> Write(int[][] sources, int beam, bool needWeights) => beam == 1
        ? new GreedyDecoder(Model, LongestPronunciation).Decode(sources, Device, needWeights)
        : [.. new BeamSearch(Model, new() { Width = beam, MaximumLength = LongestPronunciation }).Decode(sources, Device, needWeights).Select(best => best[0])];

    private int[] EncodeLetters(string word)
    {
        var split = Spelling.Letters(Spelling.Normalize(word));
        if (split.Count == 0) throw new UserException("A word is empty.");
        var unknown = split.FirstOrDefault(letter => !letters.TryGetNumber(letter, out _));
        return unknown is null
            ? letters.Encode(split)
            : throw new UserException($"The model knows no letter '{unknown}' (in '{word}'); it knows {string.Join(' ', letters.Symbols)}");
    }

    private int[] EncodePhones(string word, IReadOnlyList<string> pronunciation)
    {
        var unknown = pronunciation.FirstOrDefault(phone => !phones.TryGetNumber(phone, out _));
        return unknown is null
            ? phones.Encode(pronunciation)
            : throw new UserException($"The model knows no phone '{unknown}' (of '{word}'); it knows {string.Join(' ', phones.Symbols)}");
    }
}
