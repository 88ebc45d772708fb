using ContextAware.Interop;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Keeps a model in one file: its weights as safetensors, and its settings as text beside them.</summary>
public static class Checkpoint
{
    private const string SettingsKey = "settings";

    /// <summary>Writes a model, whole or not at all.</summary>
    /// <param name="path">The file; it is replaced at the end.</param>
    /// <param name="model">The model.</param>
    /// <param name="settings">What it takes to make the model again, JSON by custom.</param>
    /// <param name="storage">
    /// The type to store numbers with a fraction in: float16 halves the file, and loading gives float32 again. Null stores
    /// them as they are.
    /// </param>
    /// <exception cref="ArgumentException">The type is none of numbers with a fraction.</exception>
    public static void Save(string path, nn.Module model, string settings, ScalarType? storage = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        if (storage is not (null or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"Expected a floating-point type to store weights in, got {storage}.", nameof(storage));
        using var scope = NewDisposeScope();
        var tensors = model.state_dict().Select(pair => KeyValuePair.Create(pair.Key, storage is { } type && pair.Value.is_floating_point() ? pair.Value.detach().to(type) : pair.Value));
        SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { [SettingsKey] = settings });
    }

    /// <summary>Reads the settings of a file.</summary>
    /// <exception cref="SafetensorsException">The file is no safetensors file, or broken.</exception>
    /// <exception cref="InvalidDataException">The file was not written by <see cref="Save"/>.</exception>
    public static string ReadSettings(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return ReadSettings(file);
    }

    /// <inheritdoc cref="ReadSettings(string)"/>
    /// <param name="file">The file.</param>
    public static string ReadSettings(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.TryGetValue(SettingsKey, out var settings)
            ? settings
            : throw new InvalidDataException($"{file.FileName} holds weights, but no settings to make a model from.");
    }

    /// <summary>Reads the weights of a file into a model, all or none.</summary>
    /// <exception cref="SafetensorsException">The file is no safetensors file, or broken.</exception>
    /// <exception cref="StateDictException">Its tensors are not those of the model.</exception>
    public static void LoadWeights(string path, nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = SafetensorsFile.Open(path);
        model.LoadWeights(file);
    }
}
