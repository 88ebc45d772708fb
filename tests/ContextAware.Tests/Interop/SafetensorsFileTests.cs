using System.Text;
using ContextAware.Interop;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    public static TheoryData<ScalarType> Types { get; } =
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
        ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_comes_back_as_it_was(ScalarType type)
    {
        var values = tensor(new double[] { 0, 1, 1, 0, 1, 0 }).reshape(2, 3);
        var written = type == ScalarType.Bool ? values.to(type) : values.mul(97).to(type);
        using var file = Roundtrip(new() { ["x"] = written });
        Assert.Equal(type, file.Entries["x"].Type);
        Assert.Equal([2, 3], file.Entries["x"].Shape);
        TensorAssert.Equal(written, file.Read("x"));
    }

    [Fact]
    public void Reads_a_file_made_by_hand()
    {
        var bytes = SafetensorsBytes.Make(
            Encoding.UTF8.GetBytes("""{"__metadata__":{"from":"hand"},"b":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}   """),
            [1, 0, 0xFF, 0xFF, 0, 0, 0xC0, 0x3F]);
        using var file = SafetensorsFile.FromBytes(bytes);
        Assert.Equal("hand", file.Metadata["from"]);
        Assert.Equal([1, -1], file.Read("b").data<short>().ToArray());
        Assert.Equal(1.5f, file.Read("a").item<float>());
        Assert.Empty(file.Entries["a"].Shape);
    }

    [Fact]
    public void An_independent_reader_understands_what_is_written()
    {
        SafetensorsFile.Write(folder["w.safetensors"], new Dictionary<string, Tensor>
        {
            ["half"] = tensor(new[] { 0.5, -2.25 }).to(ScalarType.BFloat16),
            ["wide"] = tensor(new[] { 1.1, 2.2, 3.3 }, dtype: ScalarType.Float64),
            ["flag"] = tensor(new[] { true, false, true }),
        }, new Dictionary<string, string> { ["answer"] = "42" });
        var golden = GoldenFile.Read(folder["w.safetensors"]);
        Assert.Equal("42", golden.Metadata["answer"]);
        Assert.Equal([0.5, -2.25], golden.Numbers("half"));
        Assert.Equal([1.1, 2.2, 3.3], golden.Numbers("wide"));
        Assert.Equal([1.0, 0.0, 1.0], golden.Numbers("flag"));
    }

    [Fact]
    public void Scalars_and_empty_tensors_come_back()
    {
        using var file = Roundtrip(new() { ["scalar"] = tensor(7L), ["empty"] = zeros(3, 0, 5), ["none"] = zeros(0) });
        Assert.Equal(7L, file.Read("scalar").item<long>());
        TensorAssert.Shape([3, 0, 5], file.Read("empty"));
        TensorAssert.Shape([0], file.Read("none"));
    }

    [Fact]
    public void A_file_may_hold_nothing()
    {
        using var file = Roundtrip([]);
        Assert.Empty(file.Entries);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void A_view_is_written_as_what_it_shows()
    {
        var matrix = arange(12).reshape(3, 4).to(ScalarType.Float32);
        using var file = Roundtrip(new() { ["columns"] = matrix.t(), ["part"] = matrix.narrow(1, 1, 2) });
        TensorAssert.Equal(matrix.t(), file.Read("columns"));
        TensorAssert.Equal(matrix.narrow(1, 1, 2), file.Read("part"));
    }

    [Fact]
    public void A_parameter_is_written_without_its_gradient()
    {
        using var file = Roundtrip(new() { ["p"] = nn.Parameter(ones(2)) });
        Assert.False(file.Read("p").requires_grad);
    }

    [Fact]
    public void Names_and_texts_may_be_any_unicode()
    {
        const string name = "größe.\"λ\\\n\0.🙂";
        SafetensorsFile.Write(folder["u"], new Dictionary<string, Tensor> { [name] = ones(1) }, new Dictionary<string, string> { [name] = "日本" });
        using var file = SafetensorsFile.Open(folder["u"]);
        Assert.Equal(1f, file.Read(name).item<float>());
        Assert.Equal("日本", file.Metadata[name]);
    }

    [Fact]
    public void Reading_converts_the_type()
    {
        using var file = Roundtrip(new() { ["x"] = tensor(new[] { 1.5f, -2.5f }) });
        TensorAssert.Equal(tensor(new[] { 1.5, -2.5 }, dtype: ScalarType.Float64), file.Read("x", ScalarType.Float64));
        TensorAssert.Type(ScalarType.BFloat16, file.Read("x", ScalarType.BFloat16));
    }

    [Fact]
    public void Tensors_are_aligned_and_the_file_does_not_depend_on_their_order()
    {
        var tensors = new Dictionary<string, Tensor> { ["c"] = ones(3, dtype: ScalarType.Byte), ["b"] = ones(3), ["a"] = ones(3, dtype: ScalarType.Int64) };
        SafetensorsFile.Write(folder["1"], tensors);
        SafetensorsFile.Write(folder["2"], tensors.Reverse());
        Assert.Equal(File.ReadAllBytes(folder["1"]), File.ReadAllBytes(folder["2"]));
        using var file = SafetensorsFile.Open(folder["1"]);
        Assert.All(file.Entries.Values.Cast<SafetensorsEntry>(), entry => Assert.Equal(0, entry.Offset % SafetensorsTypes.SizeOf(entry.Type)));
    }

    [Fact]
    public void A_tensor_that_was_read_outlives_the_file()
    {
        var file = Roundtrip(new() { ["x"] = full(1000, 3f) });
        var read = file.Read("x");
        file.Dispose();
        File.Delete(folder["file"]);
        Assert.Equal(3000f, read.sum().item<float>());
        Assert.Throws<ObjectDisposedException>(() => file.Read("x"));
    }

    [Fact]
    public void Reading_leaves_only_its_result_behind()
    {
        using var file = Roundtrip(new() { ["x"] = ones(100), ["y"] = ones(3, 0) });
        LeakCheck.Tensors(() =>
        {
            file.Read("x", ScalarType.Float64).Dispose();
            file.Read("x").Dispose();
            file.Read("y").Dispose();
        });
    }

    [Fact]
    public void A_large_tensor_is_moved_in_pieces()
    {
        var tensor = arange(10_007, dtype: ScalarType.Int32);
        var seen = new List<byte>();
        TensorBytes.Visit(tensor, 4, (offset, bytes) =>
        {
            Assert.Equal(seen.Count, offset);
            Assert.InRange(bytes.Length, 1, 4096);
            seen.AddRange(bytes);
        }, pieceBytes: 4096);
        Assert.Equal(tensor.bytes.ToArray(), seen);
    }

    [Fact]
    public void What_can_not_be_written_is_refused_by_name()
    {
        var one = ones(1);
        AssertRefused("'twice'", [new("twice", one), new("twice", one)]);
        AssertRefused("'__metadata__'", [new("__metadata__", one)]);
        AssertRefused("'z' is ComplexFloat32", [new("z", ones(1, dtype: ScalarType.ComplexFloat32))]);
        Assert.Throws<ArgumentNullException>("missing", () => SafetensorsFile.Write(folder["x"], new Dictionary<string, Tensor> { ["missing"] = null! }));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file()
    {
        SafetensorsFile.Write(folder["w"], new Dictionary<string, Tensor> { ["x"] = ones(1) });
        var before = File.ReadAllBytes(folder["w"]);
        var gone = ones(1);
        gone.Dispose();
        Assert.ThrowsAny<InvalidOperationException>(() => SafetensorsFile.Write(folder["w"], new Dictionary<string, Tensor> { ["x"] = gone }));
        Assert.Equal(before, File.ReadAllBytes(folder["w"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void An_unknown_name_is_refused()
    {
        using var file = Roundtrip(new() { ["x"] = ones(1) });
        var error = Assert.Throws<KeyNotFoundException>(() => file.Read("y"));
        Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_ordinary_error() =>
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(folder["nowhere"]));

    private void AssertRefused(string fragment, KeyValuePair<string, Tensor>[] tensors)
    {
        var error = Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(folder["x"], tensors));
        Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
    }

    private SafetensorsFile Roundtrip(Dictionary<string, Tensor> tensors)
    {
        SafetensorsFile.Write(folder["file"], tensors);
        return SafetensorsFile.Open(folder["file"]);
    }
}
