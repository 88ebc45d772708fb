using System.Text.Json;
using ContextAware.IO;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>
/// Weights in several safetensors files with an index beside them (<c>model.safetensors.index.json</c>), as Python
/// libraries keep large models.
/// </summary>
/// <remarks>The index is trusted as little as the files: it may only name files in its own folder.</remarks>
public sealed class ShardedSafetensors : IWeightSource, IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> shards = [];
    private readonly Dictionary<string, string> shardOf;

    private ShardedSafetensors(string indexPath)
    {
        FileName = indexPath;
        (shardOf, Metadata) = ShardIndex.Read(indexPath);
        try
        {
            Entries = OpenShards(Path.GetDirectoryName(Path.GetFullPath(indexPath))!);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The index's path.</summary>
    public string FileName { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>What the index says of the whole, as text; <c>total_size</c> usually.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens an index and the headers of its shards.</summary>
    /// <param name="indexPath">The path of the index file.</param>
    /// <exception cref="SafetensorsException">The index or a shard is broken, or they do not fit together.</exception>
    /// <exception cref="IOException">A file can't be opened.</exception>
    public static ShardedSafetensors Open(string indexPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(indexPath);
        return new ShardedSafetensors(indexPath);
    }

    /// <summary>Writes tensors to shards <c>NAME-00001-of-0000N.safetensors</c>, then their index.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="tensors">Names and tensors, on any device, of any layout.</param>
    /// <param name="maximumShardBytes">How many bytes of tensors a shard may hold; a larger tensor has a shard of its own.</param>
    /// <param name="name">What the files' names begin with.</param>
    /// <returns>The path of the index, <c>NAME.safetensors.index.json</c>.</returns>
    /// <exception cref="ArgumentException">A name comes twice or is reserved, or the format lacks an element type.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumShardBytes"/> is not positive.</exception>
    public static string Write(string folder, IEnumerable<KeyValuePair<string, Tensor>> tensors, long maximumShardBytes, string name = "model")
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumShardBytes);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var shards = Distribute(tensors, maximumShardBytes);
        string[] files = [.. shards.Select((_, i) => $"{name}-{i + 1:00000}-of-{shards.Count:00000}.safetensors")];
        for (var i = 0; i < files.Length; i++)
            SafetensorsFile.Write(Path.Combine(folder, files[i]), shards[i]);
        var index = Path.Combine(folder, $"{name}.safetensors.index.json");
        AtomicFile.Write(index, stream => JsonSerializer.Serialize(stream, new
        {
            metadata = new { total_size = shards.Sum(shard => shard.Sum(pair => Bytes(pair.Value))) },
            weight_map = new SortedDictionary<string, string>(
                shards.SelectMany((shard, i) => shard.Select(pair => (pair.Key, File: files[i]))).ToDictionary(), StringComparer.Ordinal),
        }));
        return index;
    }

    /// <inheritdoc/>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null) =>
        shardOf.TryGetValue(name, out var shard)
            ? shards[shard].Read(name, dtype, device)
            : throw new KeyNotFoundException($"{FileName} has no tensor '{name}'.");

    /// <summary>Unmaps the shards. Tensors that were read stay valid.</summary>
    public void Dispose()
    {
        foreach (var shard in shards.Values)
            shard.Dispose();
    }

    private Dictionary<string, WeightEntry> OpenShards(string folder)
    {
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var (name, file) in shardOf)
        {
            if (!shards.TryGetValue(file, out var shard))
                shards.Add(file, shard = SafetensorsFile.Open(Path.Combine(folder, file)));
            entries.Add(name, shard.Entries.TryGetValue(name, out var entry)
                ? entry
                : throw new SafetensorsException(FileName, 0, $"'{name}' is not in the shard '{file}'."));
        }
        return entries;
    }

    private static List<Dictionary<string, Tensor>> Distribute(IEnumerable<KeyValuePair<string, Tensor>> tensors, long maximumShardBytes)
    {
        var names = new HashSet<string>();
        var shards = new List<Dictionary<string, Tensor>>();
        var room = 0L;
        foreach (var (name, tensor) in tensors)
        {
            if (!names.Add(name))
                throw new ArgumentException($"The name '{name}' comes twice.", nameof(tensors));
            var bytes = Bytes(tensor);
            if (shards.Count == 0 || bytes > room)
            {
                shards.Add([]);
                room = maximumShardBytes;
            }
            shards[^1].Add(name, tensor);
            room -= bytes;
        }
        return shards;
    }

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();
}
