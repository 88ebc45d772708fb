using ContextAware.Interop;
using ContextAware.IO;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Keeps the state of a training in one file: all its tensors, torch's random numbers, and its position.</summary>
internal static class TrainingStateFile
{
    private const string Key = "training";
    private const string Random = "random";

    /// <summary>Writes a state, whole or not at all.</summary>
    public static void Save(string path, TrainingPosition position, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var generator = random.get_rng_state();
        SafetensorsFile.Write(path, tensors.Append(new(Random, generator)), new Dictionary<string, string> { [Key] = position.Write() });
    }

    /// <summary>Reads a state into the tensors and torch's generator. Everything is compared before anything changes.</summary>
    /// <exception cref="SafetensorsException">The file is no safetensors file, or broken.</exception>
    /// <exception cref="InvalidDataException">It holds no state of a training, or that of another.</exception>
    /// <exception cref="StateDictException">Its tensors are others.</exception>
    public static TrainingPosition Load(string path, TrainingPosition fresh, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(Key, out var json)) throw new InvalidDataException($"{path} holds no state of a training.");
        var position = TrainingPosition.Read(json, path);
        if (position.ExampleCount != fresh.ExampleCount)
            throw new InvalidDataException($"{path} is of a training on {position.ExampleCount} examples; there are {fresh.ExampleCount} now.");
        if (position.Optimizer != fresh.Optimizer)
            throw new InvalidDataException($"{path} is of a training with {position.Optimizer}, not {fresh.Optimizer}.");
        if (position.ParameterSteps.Count != fresh.ParameterSteps.Count)
            throw new InvalidDataException($"{path} is of a training of {position.ParameterSteps.Count} parameters; there are {fresh.ParameterSteps.Count} now.");
        var generator = random.get_rng_state();
        StateDict.Fill(tensors.Append(new(Random, generator)).ToDictionary(), file, strict: true);
        random.set_rng_state(generator);
        return position;
    }
}
