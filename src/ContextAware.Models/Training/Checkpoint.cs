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
    public static void Save(string path, nn.Module model, string settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        model.SaveWeights(path, new Dictionary<string, string> { [SettingsKey] = settings });
    }

    /// <summary>Reads the settings of a file.</summary>
    /// <exception cref="SafetensorsException">The file is no safetensors file, or broken.</exception>
    /// <exception cref="InvalidDataException">The file was not written by <see cref="Save"/>.</exception>
    public static string ReadSettings(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Metadata.TryGetValue(SettingsKey, out var settings)
            ? settings
            : throw new InvalidDataException($"{path} holds weights, but no settings to make a model from.");
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
