using System.Text.Json;

namespace ContextAware.Interop;

/// <summary>The index beside sharded weights: <c>{"metadata": {…}, "weight_map": {name: file, …}}</c>.</summary>
internal static class ShardIndex
{
    internal static (Dictionary<string, string> ShardOf, Dictionary<string, string> Metadata) Read(string path)
    {
        var length = new FileInfo(path).Length;
        if (length > SafetensorsHeader.MaximumLength)
            throw new SafetensorsException(path, 0, $"the index has {length} bytes; at most {SafetensorsHeader.MaximumLength} are allowed.");
        return Parse(path, File.ReadAllBytes(path));
    }

    internal static (Dictionary<string, string> ShardOf, Dictionary<string, string> Metadata) Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var json = new StrictJson(path, bytes, 0, maximumDepth: 16);
        Dictionary<string, string>? shardOf = null;
        Dictionary<string, string>? metadata = null;
        json.Expect(JsonTokenType.StartObject, "the index");
        while (json.NextProperty(out var key))
        {
            if (key == "weight_map")
                shardOf = shardOf is null ? ReadShards(ref json) : throw json.Error("weight_map comes twice.");
            else if (key == "metadata")
                metadata = metadata is null ? ReadMetadata(ref json) : throw json.Error("metadata comes twice.");
            else
                json.SkipValue();
        }
        json.Read(); // Throws unless only white space follows.
        return (shardOf ?? throw json.Error("the index has no weight_map."), metadata ?? []);
    }

    private static Dictionary<string, string> ReadShards(ref StrictJson json)
    {
        var shardOf = new Dictionary<string, string>();
        json.Expect(JsonTokenType.StartObject, "weight_map");
        while (json.NextProperty(out var name))
        {
            json.Expect(JsonTokenType.String, $"the shard of '{name}'");
            var file = json.Text();
            if (file.Length == 0 || file is "." or ".." || file.AsSpan().IndexOfAny("/\\:\0") >= 0)
                throw json.Error($"the shard '{file}' of '{name}' is not the name of a file beside the index.");
            if (!shardOf.TryAdd(name, file))
                throw json.Error($"the name '{name}' comes twice.");
        }
        return shardOf;
    }

    private static Dictionary<string, string> ReadMetadata(ref StrictJson json)
    {
        var metadata = new Dictionary<string, string>();
        json.Expect(JsonTokenType.StartObject, "metadata");
        while (json.NextProperty(out var key))
            if (json.ReadScalar() is { } value && !metadata.TryAdd(key, value))
                throw json.Error($"the key '{key}' comes twice in metadata.");
        return metadata;
    }
}
