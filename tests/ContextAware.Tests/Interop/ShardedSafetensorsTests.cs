using ContextAware.Interop;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

public sealed class ShardedSafetensorsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Shards_come_back_as_one()
    {
        var tensors = new Dictionary<string, Tensor> { ["a"] = rand(4), ["b"] = rand(3), ["big"] = rand(100), ["c"] = rand(2, 2), ["none"] = zeros(0) };
        var index = ShardedSafetensors.Write(folder.Path, tensors, maximumShardBytes: 28, name: "m");
        Assert.Equal(["m-00001-of-00003.safetensors", "m-00002-of-00003.safetensors", "m-00003-of-00003.safetensors", "m.safetensors.index.json"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        using var sharded = ShardedSafetensors.Open(index);
        Assert.Equal(tensors.Keys.Order(), sharded.Entries.Keys.Order());
        Assert.Equal("444", sharded.Metadata["total_size"]);
        foreach (var (name, tensor) in tensors)
            TensorAssert.Equal(tensor, sharded.Read(name));
        Assert.Throws<KeyNotFoundException>(() => sharded.Read("d"));
    }

    [Fact]
    public void A_module_loads_from_shards()
    {
        var (one, two) = (nn.Linear(3, 2), nn.Linear(3, 2));
        using var sharded = ShardedSafetensors.Open(ShardedSafetensors.Write(folder.Path, one.state_dict(), 1));
        Assert.True(two.LoadWeights(sharded).IsExact);
        TensorAssert.Equal(one.weight.detach(), two.weight.detach());
    }

    [Fact]
    public void An_index_made_by_hand_is_read()
    {
        var (shards, metadata) = ShardIndex.Parse("i", """{"other":[{}],"metadata":{"total_size":4e0,"n":null,"t":"x","b":true,"o":{"a":[1]}},"weight_map":{"a":"f"}} """u8);
        Assert.Equal("f", shards["a"]);
        Assert.Equal(["b=true", "t=x", "total_size=4e0"], metadata.Select(pair => $"{pair.Key}={pair.Value}").Order());
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "the index should be a JSON StartObject")]
    [InlineData("{}", "no weight_map")]
    [InlineData("""{"weight_map":{}}x""", "not valid JSON")]
    [InlineData("""{"weight_map":{},"weight_map":{}}""", "weight_map comes twice")]
    [InlineData("""{"metadata":{},"metadata":{},"weight_map":{}}""", "metadata comes twice")]
    [InlineData("""{"metadata":{"a":1,"a":2},"weight_map":{}}""", "'a' comes twice in metadata")]
    [InlineData("""{"weight_map":{"a":"f","a":"g"}}""", "'a' comes twice")]
    [InlineData("""{"weight_map":{"a":1}}""", "the shard of 'a'")]
    [InlineData("""{"weight_map":{"a":""}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":".."}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"../f"}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"c:\\f"}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"f\u0000"}}""", "not the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""", "not valid Unicode")]
    [InlineData("""{"x":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],"weight_map":{}}""", "not valid JSON")]
    public void A_broken_index_is_named(string json, string fragment)
    {
        File.WriteAllText(folder["i.json"], json);
        var error = Assert.Throws<SafetensorsException>(() => ShardedSafetensors.Open(folder["i.json"]));
        Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
        Assert.Equal(folder["i.json"], error.FileName);
    }

    [Fact]
    public void Ten_thousand_mutated_indexes_are_read_or_refused_cleanly()
    {
        var original = """{"metadata":{"total_size":12,"x":[1,{"y":null}]},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors","größe":"m-2.safetensors"}}"""u8.ToArray();
        var random = new Random(5);
        var read = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = original.ToArray();
            for (var step = random.Next(1, 4); step > 0; step--)
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"\"{}[]:,\\"[random.Next(8)];
            try
            {
                ShardIndex.Parse("i", bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length));
                read++;
            }
            catch (SafetensorsException error)
            {
                Assert.InRange(error.Position, 0, bytes.Length);
            }
        }
        Assert.InRange(read, 100, 9_000);
    }

    [Fact]
    public void A_shard_that_lacks_its_tensor_is_named()
    {
        SafetensorsFile.Write(folder["f"], new Dictionary<string, Tensor> { ["a"] = ones(1) });
        File.WriteAllText(folder["i.json"], """{"weight_map":{"a":"f","b":"f"}}""");
        var error = Assert.Throws<SafetensorsException>(() => ShardedSafetensors.Open(folder["i.json"]));
        Assert.Contains("'b' is not in the shard 'f'", error.Message, StringComparison.Ordinal);
        using var exclusive = new FileStream(folder["f"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(exclusive.CanWrite);
    }

    [Fact]
    public void A_shard_that_is_absent_is_an_ordinary_error()
    {
        File.WriteAllText(folder["i.json"], """{"weight_map":{"a":"f"}}""");
        Assert.Throws<FileNotFoundException>(() => ShardedSafetensors.Open(folder["i.json"]));
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        var one = ones(1);
        Assert.Throws<ArgumentOutOfRangeException>("maximumShardBytes", () => ShardedSafetensors.Write(folder.Path, [], 0));
        Assert.Throws<ArgumentException>("tensors", () => ShardedSafetensors.Write(folder.Path, [new("a", one), new("a", one)], 9));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
