using System.Text.Json;
using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace Pictures;

/// <summary>Models in files, with their settings.</summary>
public static class SavedModel
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes a model, whole or not at all.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public static void Write<TSettings>(string path, nn.Module model, TSettings settings) =>
        Files.Write(path, name => Checkpoint.Save(name, model, JsonSerializer.Serialize(settings, Json)));

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="make">Makes the program's own object of the settings.</param>
    /// <param name="network">The network in it, which gets the weights.</param>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static T Read<TSettings, T>(string path, Func<TSettings, T> make, Func<T, nn.Module> network)
        where T : IDisposable => Files.Read(path, name =>
        {
            var settings = JsonSerializer.Deserialize<TSettings>(Checkpoint.ReadSettings(name), Json)
                ?? throw new InvalidDataException("it has empty settings");
            var made = make(settings);
            try
            {
                Checkpoint.LoadWeights(name, network(made));
                return made;
            }
            catch
            {
                made.Dispose();
                throw;
            }
        });
}
