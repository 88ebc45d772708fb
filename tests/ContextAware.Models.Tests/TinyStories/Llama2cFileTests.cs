using System.Buffers.Binary;
using ContextAware.Testing;
using global::TinyStories.Llama2c;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.TinyStories;

public sealed class Llama2cFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        File.Delete(path);
    }

    [Fact]
    public void Tensors_lie_where_the_layout_says()
    {
        using var file = Open(Llama2cBytes.Model());
        Assert.Equal(new Llama2cSizes(8, 6, 2, 2, 1, 5, 3, true), file.Sizes);
        // embedding 40, norms 16, queries 128, keys 64, values 64, outputs 128, norms 16, gates 96, downs 96, ups 96, norm 8
        Check("model.embed_tokens.weight", 0, 5, 8);
        Check("model.layers.1.input_layernorm.weight", 48, 8);
        Check("model.layers.0.self_attn.q_proj.weight", 56, 8, 8);
        Check("model.layers.1.self_attn.k_proj.weight", 216, 4, 8);
        Check("model.layers.0.self_attn.v_proj.weight", 248, 4, 8);
        Check("model.layers.1.self_attn.o_proj.weight", 376, 8, 8);
        Check("model.layers.0.post_attention_layernorm.weight", 440, 8);
        Check("model.layers.1.mlp.gate_proj.weight", 504, 6, 8);
        Check("model.layers.0.mlp.down_proj.weight", 552, 8, 6);
        Check("model.layers.1.mlp.up_proj.weight", 696, 6, 8);
        Check("model.norm.weight", 744, 8);
        Assert.Equal(20, file.Entries.Count);
        Assert.Throws<KeyNotFoundException>(() => file.Read("lm_head.weight"));

        void Check(string name, long first, params long[] shape)
        {
            Assert.Equal(shape, file.Entries[name].Shape);
            TensorAssert.Equal(arange(first, first + shape.Aggregate(1L, (a, b) => a * b), float32).view(shape), file.Read(name), name);
        }
    }

    [Fact]
    public void A_negative_vocabulary_says_that_the_head_is_apart()
    {
        using var file = Open(Llama2cBytes.Model(tied: false));
        Assert.False(file.Sizes.TiedHead);
        TensorAssert.Equal(arange(764, 804, float32).view(5, 8), file.Read("lm_head.weight"));
        TensorAssert.Type(ScalarType.Float64, file.Read("lm_head.weight", ScalarType.Float64));
    }

    [Theory]
    [InlineData(0, 0, "width is 0")]
    [InlineData(0, -8, "width is -8")]
    [InlineData(0, 7, "heads do not divide")]
    [InlineData(1, 0, "hidden width is 0")]
    [InlineData(1, 7, "it ends within")]
    [InlineData(1, int.MaxValue, "it ends within")]
    [InlineData(2, -1, "number of layers is -1")]
    [InlineData(2, 3, "it ends within")]
    [InlineData(2, int.MaxValue, "number of layers, 2147483647")]
    [InlineData(3, 8, "head width of 1 is odd")]
    [InlineData(4, 3, "3 key-value heads do not divide")]
    [InlineData(5, 0, "vocabulary is 0")]
    [InlineData(5, int.MinValue, "it ends within")]
    [InlineData(6, 4, "ask for")]
    [InlineData(6, int.MaxValue, "ask for")]
    public void A_wrong_size_is_one_clear_error(int field, int value, string message)
    {
        var bytes = Llama2cBytes.Model();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * field), value);
        var error = Assert.Throws<InvalidDataException>(() => Open(bytes));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_and_any_tail_is_an_error()
    {
        var bytes = Llama2cBytes.Model();
        for (var length = 0; length < bytes.Length; length += length < 40 ? 1 : 97)
            Assert.Throws<InvalidDataException>(() => Open(bytes[..length]));
        Assert.Contains("ask for", Assert.Throws<InvalidDataException>(() => Open([.. bytes, 0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_shrinks_while_open_is_an_error_too()
    {
        using var file = Open(Llama2cBytes.Model());
        using (var stream = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) stream.SetLength(40);
        Assert.Contains("ends at byte", Assert.Throws<InvalidDataException>(() => file.Read("model.norm.weight")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_trained_model_has_its_sizes()
    {
        using var file = Llama2cFile.Open(StoriesData.Model);
        Assert.Equal(new Llama2cSizes(64, 172, 5, 8, 4, 512, 512, true), file.Sizes);
    }

    private Llama2cFile Open(byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        return Llama2cFile.Open(path);
    }
}
