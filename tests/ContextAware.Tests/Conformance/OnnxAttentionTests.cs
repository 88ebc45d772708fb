using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The Attention node tests of the ONNX standard (opsets 23 and 24), through the public API.</summary>
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
        var threeDimensions = test.Inputs[0]!.Dimensions == 3;
        var query = WithHeads(test.Inputs[0]!, test.Integer("q_num_heads"));
        var key = Append(test.Input(4), WithHeads(test.Inputs[1]!, test.Integer("kv_num_heads")));
        var value = Append(test.Input(5), WithHeads(test.Inputs[2]!, test.Integer("kv_num_heads")));
        var (mask, bias) = Mask(test, query.size(2), key.size(2));
        var options = new AttentionOptions
        {
            Mask = mask,
            Bias = bias,
            Scale = test.Attributes.TryGetValue("scale", out var scale) ? scale : null,
            Softcap = test.Attributes.GetValueOrDefault("softcap"),
        };

        var tolerance = query.dtype == ScalarType.Float16 ? 2e-3 : 1e-5;
        foreach (var path in Paths(options))
        {
            var output = AttentionFunctions.ScaledDotProduct(query, key, value, options with { Path = path }).Output;
            TensorAssert.Close(test.Outputs[0]!, threeDimensions ? Heads.Combine(output) : output, tolerance, tolerance, $"Y ({path})");
        }
        if (Output(test, 1) is { } presentKey)
            TensorAssert.Equal(presentKey, key);
        if (Output(test, 2) is { } presentValue)
            TensorAssert.Equal(presentValue, value);
        if (Output(test, 3) is { } scores)
            TensorAssert.Close(scores, Stage(test.Integer("qk_matmul_output_mode") ?? 0, query, key, options), tolerance, tolerance, "qk_matmul_output");
    }

    private static AttentionPath?[] Paths(AttentionOptions options) => options.Softcap > 0
        ? [null, AttentionPath.Explicit, AttentionPath.Blocks]
        : [null, AttentionPath.Explicit, AttentionPath.Blocks, AttentionPath.Fused];

    /// <summary>0: raw scores, 1: after softcap, 2: after bias and mask, 3: after softmax.</summary>
    private static Tensor Stage(long mode, Tensor query, Tensor key, AttentionOptions options)
    {
        var scores = AttentionFunctions.Scores(query, key, options.Scale);
        if (mode >= 1)
            scores = AttentionFunctions.Softcap(scores, options.Softcap);
        if (mode >= 2)
            scores = AttentionFunctions.AddBias(scores, options.Bias, options.Mask);
        return mode < 3 ? scores : MaskedSoftmax.Apply(scores, scores.ne(double.NegativeInfinity));
    }

    /// <summary>attn_mask (bool: may attend; float: bias), nonpad_kv_seqlen and is_causal; the diagonal follows the past.</summary>
    private static (AttentionMask Mask, Tensor? Bias) Mask(OnnxCase test, long queries, long keys)
    {
        var mask = AttentionMask.None;
        Tensor? bias = null;
        if (test.Input(3) is { } given)
        {
            if (given.dtype == ScalarType.Bool)
                mask &= AttentionMask.FromBoolean(Padded(given, keys, 0));
            else
                bias = Padded(given, keys, double.NegativeInfinity);
        }
        var lengths = test.Input(6);
        if (lengths is not null)
            mask &= AttentionMask.FromLengths(lengths);
        if (test.Integer("is_causal") != 1)
            return (mask, bias);
        var past = test.Input(4)?.size(2);
        var causal = past is null && lengths is not null ? AttentionMask.CausalFrom(lengths - queries) : AttentionMask.CausalFrom(past ?? 0);
        return (mask & causal, bias);
    }

    /// <summary>A mask that ends before the keys do hides the rest.</summary>
    private static Tensor Padded(Tensor mask, long keys, double filler)
    {
        var missing = keys - mask.size(-1);
        var padded = missing == 0 ? mask : nn.functional.pad(mask, (0, missing), value: filler);
        return padded.Dimensions == 3 ? padded.unsqueeze(1) : padded;
    }

    private static Tensor WithHeads(Tensor tensor, long? heads) => tensor.Dimensions == 4 ? tensor : Heads.Split(tensor, heads!.Value);

    private static Tensor Append(Tensor? past, Tensor tensor) => past is null ? tensor : cat([past, tensor], 2);

    private static Tensor? Output(OnnxCase test, int position) => position < test.Outputs.Length ? test.Outputs[position] : null;
}
