using System.Text.Json;
using ContextAware.Interop;
using ContextAware.Models.LanguageModels;
using ContextAware.Positions;
using Examples.Common;
using TinyStories.Llama2c;
using TorchSharp;
using static TorchSharp.torch;

namespace TinyStories.Stories;

/// <summary>Reads and writes models: the llama2.c layout, and safetensors with Llama's names and the sizes beside them.</summary>
public static class StoryModel
{
    private const string SettingsKey = "settings";
    private const string Extension = ".safetensors";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a model; the file's name says of which kind it is.</summary>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static DecoderOnlyModel Load(string path)
    {
        try
        {
            return IsSafetensors(path) ? LoadSafetensors(path) : LoadLlama2c(path);
        }
        catch (Exception error) when (FileErrors.IsOne(error) || error is ArgumentException)
        {
            throw new UserException($"Can't load the model {path}: {FileErrors.Reason(error)}.", error);
        }
    }

    /// <summary>
    /// Writes a model of the llama2.c layout as safetensors, as Python's Llama has it: query and key rows are put into the order in
    /// which rotary pairs lie in halves.
    /// </summary>
    /// <exception cref="UserException">A file can't be read or written.</exception>
    public static void Convert(string from, string to)
    {
        if (!IsSafetensors(to)) throw new UserException($"The file to write must end in {Extension}, not as {to} does.");
        FileErrors.Guard($"convert {from} to {to}", () =>
        {
            using var scope = NewDisposeScope();
            using var file = Llama2cFile.Open(from);
            var settings = JsonSerializer.Serialize(file.Sizes, Json);
            var weights = KeyMap.Empty
                .LayPairs("**.q_proj.weight", file.Sizes.HeadWidth, PairLayout.Halves)
                .LayPairs("**.k_proj.weight", file.Sizes.HeadWidth, PairLayout.Halves)
                .Apply(file);
            var tensors = weights.Entries.Keys.ToDictionary(name => name, name => weights.Read(name));
            SafetensorsFile.Write(to, tensors, new Dictionary<string, string> { ["format"] = "pt", [SettingsKey] = settings });
        });
    }

    private static DecoderOnlyModel LoadLlama2c(string path)
    {
        using var file = Llama2cFile.Open(path);
        return Make(file.Sizes, PairLayout.Interleaved, file);
    }

    private static DecoderOnlyModel LoadSafetensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(SettingsKey, out var settings))
            throw new InvalidDataException("it has no settings to make a model from; was it written by convert?");
        var sizes = JsonSerializer.Deserialize<Llama2cSizes>(settings, Json) ?? throw new InvalidDataException("its settings are empty.");
        sizes.CheckAgainst(file.Entries);
        return Make(sizes, PairLayout.Halves, file);
    }

    private static DecoderOnlyModel Make(Llama2cSizes sizes, PairLayout layout, IWeightSource weights)
    {
        using var skipped = WeightInitialization.Skip();
        var options = DecoderOnlyOptions.Llama(sizes.Vocabulary, sizes.Width, sizes.Layers, sizes.Heads, sizes.HiddenWidth, sizes.Context);
        var model = new DecoderOnlyModel(options with { KeyValueHeads = sizes.KeyValueHeads, TiedHead = sizes.TiedHead, Rotary = new() { Layout = layout } });
        try
        {
            model.LoadWeights(weights, LanguageModelKeyMaps.Llama);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static bool IsSafetensors(string path) => Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase);
}
