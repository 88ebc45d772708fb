using ContextAware.Interop;
using ContextAware.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

public sealed class StateDictTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_module_comes_back_from_its_file()
    {
        var (one, two) = (Network(), Network());
        one.SaveWeights(folder["w"], new Dictionary<string, string> { ["step"] = "7" });
        using var file = SafetensorsFile.Open(folder["w"]);
        Assert.True(two.LoadWeights(file).IsExact);
        Assert.Equal("7", file.Metadata["step"]);
        foreach (var ((_, expected), (_, actual)) in one.state_dict().Zip(two.state_dict()))
            TensorAssert.Equal(expected, actual);
    }

    [Fact]
    public void Buffers_travel_too()
    {
        var norm = nn.BatchNorm1d(3);
        norm.SaveWeights(folder["w"]);
        using var file = SafetensorsFile.Open(folder["w"]);
        Assert.Equal(["bias", "num_batches_tracked", "running_mean", "running_var", "weight"], file.Entries.Keys.Order());
    }

    [Fact]
    public void Loading_keeps_the_parameters_type_and_their_gradient()
    {
        var module = nn.Linear(2, 1, hasBias: false).to(ScalarType.Float64);
        module.LoadWeights(new MemoryWeights(new Dictionary<string, Tensor> { ["weight"] = tensor(new[,] { { 1.5f, -2f } }) }));
        TensorAssert.Equal(tensor(new[,] { { 1.5, -2 } }, dtype: ScalarType.Float64), module.weight.detach());
        Assert.True(module.weight.requires_grad);
        module.call(ones(1, 2, dtype: ScalarType.Float64)).sum().backward();
        TensorAssert.Close(new double[,] { { 1, 1 } }, module.weight.grad!);
    }

    [Fact]
    public void What_does_not_fit_is_reported_and_nothing_is_changed()
    {
        var module = Network();
        var before = module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        var weights = new MemoryWeights(new Dictionary<string, Tensor>
        {
            ["first.weight"] = zeros(4, 3), ["first.bias"] = zeros(5), ["second.weight"] = zeros(2, 4), ["other"] = zeros(1),
        });
        var error = Assert.Throws<StateDictException>(() => module.LoadWeights(weights));
        Assert.Equal(["second.bias"], error.Report.Missing);
        Assert.Equal(["other"], error.Report.Unexpected);
        Assert.Equal("first.bias: expected [4], stored [5]", Assert.Single(error.Report.Misshapen).ToString());
        Assert.Equal(string.Join(Environment.NewLine, "The weights do not fit the module.",
            "1 missing:", "  second.bias", "1 unexpected:", "  other", "1 misshapen:", "  first.bias: expected [4], stored [5]"), error.Message);
        foreach (var (name, tensor) in module.state_dict())
            TensorAssert.Equal(before[name], tensor.detach());
    }

    [Fact]
    public void A_bool_that_is_none_changes_nothing()
    {
        var module = new Flagged();
        module.SaveWeights(folder["w"]);
        var bytes = File.ReadAllBytes(folder["w"]);
        bytes[^1] = 7;                              // bools are stored last
        using var file = SafetensorsFile.FromBytes(bytes);
        using (no_grad())
            module.get_parameter("weight")!.zero_();
        Assert.Throws<SafetensorsException>(() => module.LoadWeights(file));
        TensorAssert.AllZero(module.get_parameter("weight")!);
    }

    [Fact]
    public void Without_strictness_what_fits_is_loaded()
    {
        var module = Network();
        var weights = new MemoryWeights(new Dictionary<string, Tensor> { ["first.weight"] = full(4, 3, 2f), ["first.bias"] = zeros(5), ["other"] = zeros(1) });
        var bias = module.get_parameter("first.bias")!.detach().clone();
        var report = module.LoadWeights(weights, strict: false);
        Assert.False(report.IsExact);
        Assert.Equal(["second.bias", "second.weight"], report.Missing);
        TensorAssert.Equal(full(4, 3, 2f), module.get_parameter("first.weight")!.detach());
        TensorAssert.Equal(bias, module.get_parameter("first.bias")!.detach());
    }

    [Fact]
    public void A_long_report_is_cut()
    {
        var names = Enumerable.Range(0, 25).Select(i => $"n{i:00}").ToArray();
        var text = new StateDictReport(names, [], []).ToString();
        Assert.Contains("25 missing:", text, StringComparison.Ordinal);
        Assert.Contains("n19", text, StringComparison.Ordinal);
        Assert.DoesNotContain("n20", text, StringComparison.Ordinal);
        Assert.EndsWith("… and 5 more", text, StringComparison.Ordinal);
        Assert.Equal("All weights fit.", new StateDictReport([], [], []).ToString());
    }

    [Fact]
    public void Loading_leaves_nothing_behind()
    {
        var module = Network();
        module.SaveWeights(folder["w"]);
        using var file = SafetensorsFile.Open(folder["w"]);
        LeakCheck.Tensors(() => module.LoadWeights(file, KeyMap.Empty.Rename("**", "**")));
    }

    private static Sequential Network() => nn.Sequential(("first", nn.Linear(3, 4)), ("second", nn.Linear(4, 2)));

    private sealed class Flagged : nn.Module<Tensor, Tensor>
    {
        internal Flagged() : base(nameof(Flagged))
        {
            register_parameter("weight", nn.Parameter(ones(3)));
            register_buffer("flags", ones(2, @bool));
        }

        public override Tensor forward(Tensor input) => input;
    }
}
