using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>State dicts and the files that TorchSharp writes.</summary>
public class StateTests
{
    // What this class's Model writes with the published TorchSharp 0.107; run there, the test below keeps it so.
    private static readonly string Published = RepositoryPaths.At("tests/TorchSharp.SystemLibtorch.Tests/golden/published.torchsharp");

    [Fact]
    public void A_model_writes_what_the_published_TorchSharp_writes()
    {
        using var model = new Model(fill: true);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true)) model.save(writer);
        Assert.Equal(File.ReadAllBytes(Published), stream.ToArray());
    }

    [Fact]
    public void A_file_of_the_published_TorchSharp_loads()
    {
        using Model model = new(fill: false), expected = new(fill: true);
        var loaded = new Dictionary<string, bool>();
        model.load(Published, loadedParameters: loaded);
        AssertEqual(expected, model);
        Assert.All(loaded, entry => Assert.True(entry.Value));
        Assert.Equal(expected.state_dict().Keys, loaded.Keys);
    }

    [Fact]
    public void A_saved_module_loads_again()
    {
        var path = Path.GetTempFileName();
        try
        {
            using Model model = new(fill: true), other = new(fill: false);
            model.save(path);
            other.load(path);
            AssertEqual(model, other);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_is_skipped_is_neither_written_nor_read()
    {
        using Model model = new(fill: true), other = new(fill: false);
        var before = other.get_parameter("linear.bias")!.clone();
        other.load(new MemoryStream(Bytes(model)), skip: ["linear.bias"]);
        TensorAssert.Equal(before, other.get_parameter("linear.bias")!);

        var short_ = Bytes(model, skip: ["linear.bias"]);
        Assert.Throws<ArgumentException>(() => other.load(new MemoryStream(short_)));
        var loaded = new Dictionary<string, bool>();
        other.load(new MemoryStream(short_), strict: false, loadedParameters: loaded);
        Assert.DoesNotContain("linear.bias", loaded.Keys);
    }

    [Fact]
    public void A_file_of_another_module_does_not_load()
    {
        using var model = new Model(fill: true);
        using var other = nn.Linear(3, 2);
        Assert.Throws<ArgumentException>(() => other.load(new MemoryStream(Bytes(model))));
        using var sizes = nn.Linear(4, 2);
        Assert.Throws<ArgumentException>(() => sizes.load(new MemoryStream(Bytes(other))));
        using var types = nn.Linear(3, 2, dtype: float64);
        Assert.Throws<ArgumentException>(() => types.load(new MemoryStream(Bytes(other))));
        Assert.Throws<FileNotFoundException>(() => other.load("/no/such/file"));
        Assert.Throws<EndOfStreamException>(() => other.load(new MemoryStream(Bytes(other)[..^1])));
    }

    [Fact]
    public void A_state_dict_is_copied_by_name()
    {
        using Model model = new(fill: true), other = new(fill: false);
        var (missing, unexpected) = other.load_state_dict(model.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        AssertEqual(model, other);
    }

    [Fact]
    public void Missing_and_unexpected_names_are_told()
    {
        using var model = nn.Linear(2, 2);
        var source = new Dictionary<string, Tensor> { ["weight"] = ones(2, 2), ["extra"] = ones(1) };
        Assert.Throws<InvalidOperationException>(() => model.load_state_dict(source));
        var (missing, unexpected) = model.load_state_dict(source, strict: false);
        Assert.Equal(["bias"], missing);
        Assert.Equal(["extra"], unexpected);
        Assert.Equal(4, model.weight!.sum().item<float>());
        var (skippedMissing, skippedUnexpected) = model.load_state_dict(source, strict: true, skip: ["bias", "extra"]);
        Assert.Empty(skippedMissing.Concat(skippedUnexpected));
    }

    [Fact]
    public void A_state_dict_can_be_gathered_under_a_prefix()
    {
        using var model = nn.Linear(2, 2);
        var gathered = new Dictionary<string, Tensor>();
        Assert.Same(gathered, model.state_dict(gathered, "there"));
        Assert.Equal(["there.weight", "there.bias"], gathered.Keys);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Bool)]
    public void A_tensor_of_any_type_is_saved_and_loaded(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tensor = arange(6).reshape(2, 3).to(type);
        using var stream = new MemoryStream();
        tensor.Save(new BinaryWriter(stream));
        stream.Position = 0;
        TensorAssert.Equal(tensor, TensorExtensionMethods.Load(new BinaryReader(stream)));
    }

    private static byte[] Bytes(nn.Module module, IList<string>? skip = null)
    {
        using var stream = new MemoryStream();
        module.save(new BinaryWriter(stream), skip);
        return stream.ToArray();
    }

    private static void AssertEqual(nn.Module expected, nn.Module actual)
    {
        Assert.Equal(expected.state_dict().Keys, actual.state_dict().Keys);
        foreach (var (key, tensor) in expected.state_dict()) TensorAssert.Equal(tensor, actual.state_dict()[key], key);
    }

    private sealed class Model : nn.Module
    {
        private readonly Linear linear = nn.Linear(3, 2);
        private readonly LSTM lstm = nn.LSTM(2, 2, 2, bidirectional: true);
        private readonly BatchNorm1d norm = nn.BatchNorm1d(2);
        private readonly Embedding embedding = nn.Embedding(5, 3, dtype: float64);
        private readonly ModuleList<GRUCell> cells = nn.ModuleList(nn.GRUCell(2, 1), nn.GRUCell(1, 1, bias: false));
        private readonly Tensor mask = ones(2, 2).tril().to(@bool);

        public Model(bool fill) : base(nameof(Model))
        {
            RegisterComponents();
            Assert.False(linear is null || lstm is null || norm is null || embedding is null || cells is null || mask.IsInvalid);
            if (!fill) return;
            using var _ = no_grad();
            long start = 1;
            foreach (var tensor in state_dict().Values.Where(tensor => tensor.dtype != ScalarType.Bool))
            {
                using var values = arange(start, start += tensor.NumberOfElements).reshape(tensor.shape) * 0.5;
                tensor.copy_(values);
            }
        }
    }
}
