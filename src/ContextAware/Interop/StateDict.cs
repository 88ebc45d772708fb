using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>Moves weights between modules and files, by the names of the state dict.</summary>
public static class StateDict
{
    /// <summary>
    /// Copies stored weights into a module's parameters and buffers, converting element type and device. Everything is
    /// compared before anything is copied, and one tensor at a time is in memory.
    /// </summary>
    /// <param name="module">The module to fill.</param>
    /// <param name="source">The weights, for example a <see cref="SafetensorsFile"/>.</param>
    /// <param name="map">How the source's names and layouts become the module's; the same when absent.</param>
    /// <param name="strict">Whether anything missing, unexpected or misshapen is an error. Otherwise what fits is copied.</param>
    /// <returns>What did not fit.</returns>
    /// <exception cref="StateDictException"><paramref name="strict"/> is set and something does not fit.</exception>
    public static StateDictReport LoadWeights(this nn.Module module, IWeightSource source, KeyMap? map = null, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(source);
        source = map is null ? source : map.Apply(source);
        return Fill(module.state_dict(), source, strict);
    }

    /// <summary>Copies stored tensors into others of the same names. Everything is compared before anything is copied.</summary>
    internal static StateDictReport Fill(IReadOnlyDictionary<string, Tensor> targets, IWeightSource source, bool strict)
    {
        var shapes = targets.ToDictionary(pair => pair.Key, pair => pair.Value.shape);
        var report = Compare(shapes, source.Entries);
        if (strict && !report.IsExact)
            throw new StateDictException(report);
        using var noGradient = no_grad();
        var fitting = targets.Where(pair => source.Entries.TryGetValue(pair.Key, out var entry) && entry.Shape.SequenceEqual(shapes[pair.Key])).ToArray();
        // Only bools can turn out to be none when they are read.
        foreach (var (name, _) in fitting.Where(pair => source.Entries[pair.Key].Type == ScalarType.Bool))
        {
            using var scope = NewDisposeScope();
            source.Read(name);
        }
        foreach (var (name, target) in fitting)
        {
            using var scope = NewDisposeScope();
            target.copy_(source.Read(name));
        }
        return report;
    }

    /// <summary>Writes a module's parameters and persistent buffers to a safetensors file.</summary>
    /// <param name="module">The module to store.</param>
    /// <param name="path">The file to make or replace. It appears only when all of it is written.</param>
    /// <param name="metadata">Free texts to store beside them.</param>
    /// <param name="map">How the module's names and layouts become the file's; the same when absent.</param>
    public static void SaveWeights(
        this nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null, KeyMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (map is null)
        {
            SafetensorsFile.Write(path, module.state_dict(), metadata);
            return;
        }
        using var scope = NewDisposeScope();
        var mapped = map.Apply(new MemoryWeights(module.state_dict()));
        SafetensorsFile.Write(path, mapped.Entries.Keys.ToDictionary(name => name, name => mapped.Read(name)), metadata);
    }

    private static StateDictReport Compare(Dictionary<string, long[]> shapes, IReadOnlyDictionary<string, WeightEntry> entries) => new(
        [.. shapes.Keys.Where(name => !entries.ContainsKey(name)).Order(StringComparer.Ordinal)],
        [.. entries.Keys.Where(name => !shapes.ContainsKey(name)).Order(StringComparer.Ordinal)],
        [.. from pair in shapes
            where entries.ContainsKey(pair.Key) && !entries[pair.Key].Shape.SequenceEqual(pair.Value)
            orderby pair.Key
            select new ShapeMismatch(pair.Key, pair.Value, entries[pair.Key].Shape)]);
}
