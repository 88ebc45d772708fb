using ContextAware.Attention;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The Attention node tests of the ONNX standard: all of them, through the public API, on every path.</summary>
public class OnnxAttentionTests
{
    public static TheoryData<string> Cases => new(OnnxCase.Names("test_attention"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Attention_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("Attention", test.Operator);
        var attention = OnnxAttention.Of(test.Inputs, test.Attributes);
        var combine = test.Inputs[0]!.Dimensions == 3;
        var tolerance = test.Inputs[0]!.dtype == ScalarType.Float16 ? 2e-3 : 1e-5;
        foreach (var path in attention.Paths)
        {
            var output = attention.Output(path);
            TensorAssert.Type(test.Outputs[0]!.dtype, output);
            TensorAssert.Close(test.Outputs[0]!, combine ? Heads.Combine(output) : output, tolerance, tolerance, $"Y ({path})");
        }
        if (Output(test, 1) is { } presentKey)
            TensorAssert.Equal(presentKey, attention.Key);
        if (Output(test, 2) is { } presentValue)
            TensorAssert.Equal(presentValue, attention.Value);
        if (Output(test, 3) is { } scores)
            TensorAssert.Close(scores, attention.Stage(test.Integer("qk_matmul_output_mode") ?? 0), tolerance, tolerance, "qk_matmul_output");
    }

    private static Tensor? Output(OnnxCase test, int position) => position < test.Outputs.Length ? test.Outputs[position] : null;
}
