using ContextAware.Caching;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The TensorScatter node tests of the ONNX standard, which are those of a key-value cache.</summary>
public class OnnxTensorScatterTests
{
    public static TheoryData<string> Cases => new(OnnxCase.Names("test_tensorscatter"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tensor_scatter_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("TensorScatter", test.Operator);
        var (cache, update, expected) = (FourDimensional(test.Inputs[0]!), FourDimensional(test.Inputs[1]!), FourDimensional(test.Outputs[0]!));
        var at = test.Input(2) ?? zeros(cache.size(0), dtype: ScalarType.Int64);
        TensorAssert.Equal(expected, CacheFunctions.Scatter(cache, update, at, circular: name.Contains("circular", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cache_with_rows_of_unequal_length_appends_as_the_standard_scatters()
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read("test_tensorscatter");
        var (past, update, expected) = (test.Inputs[0]!, test.Inputs[1]!, test.Outputs[0]!);
        using var quiet = no_grad();
        using var cache = new FixedCache(past.size(2));
        cache.Append(past, past);
        cache.TruncateRows([.. test.Inputs[2]!.data<long>()]);
        var (keys, values) = cache.Append(update, update);
        TensorAssert.Equal(expected.narrow(2, 0, cache.Length), keys);
        TensorAssert.Equal(expected.narrow(2, 0, cache.Length), values);
    }

    // [B, S, D] as one head; the standard's axis is the second-last in both forms.
    private static Tensor FourDimensional(Tensor tensor) => tensor.ndim == 4 ? tensor : tensor.unsqueeze(1);
}
