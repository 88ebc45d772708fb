using ContextAware.Attention;
using ContextAware.Positions;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The RotaryEmbedding node tests of the ONNX standard.</summary>
public class OnnxRotaryTests
{
    public static TheoryData<string> Cases => new(OnnxCase.Names("test_rotary_embedding"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rotary_embedding_conforms(string name)
    {
        using var scope = NewDisposeScope();
        var test = OnnxCase.Read(name);
        Assert.Equal("RotaryEmbedding", test.Operator);
        var input = test.Inputs[0]!;
        var heads = input.ndim == 4 ? input : Heads.Split(input, test.Integer("num_heads")!.Value);    // [B, H, T, E]
        var (cos, sin) = (test.Inputs[1]!, test.Inputs[2]!);
        if (test.Input(3) is { } ids)
            (cos, sin) = (cos[ids], sin[ids]);                                                         // [B, T, R/2]
        var rotary = new RotaryEmbedding(
            heads.size(3),
            layout: test.Integer("interleaved") == 1 ? PairLayout.Interleaved : PairLayout.Halves,
            rotaryWidth: test.Integer("rotary_embedding_dim") is > 0 and var width ? width : null);
        var turned = rotary.Rotate(heads, rotary.Angles(cos, sin));
        TensorAssert.Close(test.Outputs[0]!, input.ndim == 4 ? turned : Heads.Combine(turned), 1e-5, 1e-6);
    }
}
