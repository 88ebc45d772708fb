using System.Text.Json;
using ContextAware.Interop;
using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>Keeps a model with the settings that it takes to make it again.</summary>
public static class ModelFile
{
    private static readonly JsonSerializerOptions Json = new(RunFolder.Json) { WriteIndented = false, RespectNullableAnnotations = true };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="make">Makes the model of settings.</param>
    /// <param name="module">Its network.</param>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static TModel Load<TSettings, TModel>(string path, Func<TSettings, TModel> make, Func<TModel, nn.Module> module)
        where TSettings : IModelSettings
        where TModel : class, IDisposable =>
        Load(path, () => SafetensorsFile.Open(path), make, module);

    /// <summary>Reads a file that the program carries.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="content">Its content.</param>
    /// <param name="make">Makes the model of settings.</param>
    /// <param name="module">Its network.</param>
    public static TModel Load<TSettings, TModel>(string name, Stream content, Func<TSettings, TModel> make, Func<TModel, nn.Module> module)
        where TSettings : IModelSettings
        where TModel : class, IDisposable
    {
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return Load(name, () => SafetensorsFile.FromBytes(bytes, name), make, module);
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network.</param>
    /// <param name="settings">What it takes to make it again.</param>
    /// <param name="storage">The element type to store; null stores the network's own.</param>
    /// <exception cref="UserException">The file can't be written.</exception>
    public static void Save<TSettings>(string path, nn.Module network, TSettings settings, ScalarType? storage = null) =>
        FileErrors.Guard($"write {path}", () => Checkpoint.Save(path, network, JsonSerializer.Serialize(settings, Json), storage));

    private static TModel Load<TSettings, TModel>(string name, Func<SafetensorsFile> open, Func<TSettings, TModel> make, Func<TModel, nn.Module> module)
        where TSettings : IModelSettings
        where TModel : class, IDisposable
    {
        TModel? made = default;
        try
        {
            using var file = open();
            var settings = JsonSerializer.Deserialize<TSettings>(Checkpoint.ReadSettings(file), Json)
                ?? throw new InvalidDataException($"{name} has empty settings.");
            settings.CheckAgainst(new(file.Entries));
            made = make(settings);
            module(made).LoadWeights(file);
            return made;
        }
        catch (Exception error) when (FileErrors.IsOne(error) || error is ArgumentException)
        {
            made?.Dispose();
            throw new UserException($"Can't load the model {name}: {FileErrors.Reason(error)}.", error);
        }
    }
}
