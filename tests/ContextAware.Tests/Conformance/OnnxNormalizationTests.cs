using ContextAware.Testing;
using ContextAware.Transformers;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The RMSNormalization, LayerNormalization and Gelu node tests of the ONNX standard.</summary>
public class OnnxNormalizationTests
{
    public static TheoryData<string> RmsCases => new(OnnxCase.Names("test_rms_normalization"));

    public static TheoryData<string> LayerCases => new(OnnxCase.Names("test_layer_normalization"));

    public static TheoryData<string> GeluCases => new(OnnxCase.Names("test_gelu"));

    [Theory]
    [MemberData(nameof(RmsCases))]
    public void RmsNorm_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("RMSNormalization", test.Operator);
        var weight = test.Inputs[1]!;
        using var norm = new RmsNorm(weight.shape, test.Attributes.GetValueOrDefault("epsilon", 1e-5));
        norm.load_state_dict(new() { ["weight"] = weight });
        TensorAssert.Close(test.Outputs[0]!, norm.call(test.Inputs[0]!), 1e-5, 1e-6);
    }

    /// <summary>The layer norm of the blocks is TorchSharp's own.</summary>
    [Theory]
    [MemberData(nameof(LayerCases))]
    public void LayerNorm_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("LayerNormalization", test.Operator);
        var weight = test.Inputs[1]!;
        using var norm = nn.LayerNorm(weight.shape, test.Attributes.GetValueOrDefault("epsilon", 1e-5));
        norm.load_state_dict(new() { ["weight"] = weight, ["bias"] = test.Inputs[2]! });
        TensorAssert.Close(test.Outputs[0]!, norm.call(test.Inputs[0]!), 1e-5, 1e-5);
    }

    [Theory]
    [MemberData(nameof(GeluCases))]
    public void Gelu_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("Gelu", test.Operator);
        var activation = name.Contains("tanh", StringComparison.Ordinal) ? Activation.GeluTanh : Activation.Gelu;
        TensorAssert.Close(test.Outputs[0]!, ActivationFunctions.Apply(test.Inputs[0]!, activation), 1e-5, 1e-6);
    }
}
