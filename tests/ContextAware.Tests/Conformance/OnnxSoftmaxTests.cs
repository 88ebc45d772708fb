using ContextAware.Masking;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The Softmax node tests of the ONNX standard.</summary>
public class OnnxSoftmaxTests
{
    public static TheoryData<string> Cases => new(OnnxCase.Names("test_softmax"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Softmax_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("Softmax", test.Operator);
        var axis = test.Integer("axis") ?? -1;
        var weights = MaskedSoftmax.Apply(test.Inputs[0]!.transpose(axis, -1), null).transpose(axis, -1);
        TensorAssert.Close(test.Outputs[0]!, weights, 1e-5, 1e-6);
    }
}
