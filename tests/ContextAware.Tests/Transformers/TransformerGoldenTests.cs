using ContextAware.Interop;
using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

/// <summary>Against PyTorch: golden/make_golden_transformer.py says how the values came about.</summary>
public sealed class TransformerGoldenTests : IDisposable
{
    private const long Width = 6, Heads = 3;

    private static readonly Lazy<GoldenFile> Golden = new(() => GoldenFile.Read("tests", "ContextAware.Tests", "golden", "transformer.safetensors"));

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Cases => new(Golden.Value.Names.Select(name => name.Split('/')[0]).Distinct());

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_gives_what_PyTorch_gives_with_its_weights_loaded_by_name(string name)
    {
        var (module, forward) = Make(name);
        using var owner = module;
        module.to(ScalarType.Float64);
        Assert.True(module.LoadWeights(new MemoryWeights(Tensors(name, "parameter"))).IsExact);
        var inputs = Tensors(name, "input");
        var leaves = new[] { "source", "target", "memory" }.Where(inputs.ContainsKey).ToArray();
        foreach (var leaf in leaves)
            inputs[leaf].requires_grad_();

        var output = forward(inputs);
        var expected = Tensors(name, "output")["output"];
        TensorAssert.Close(expected, output, 1e-9, 1e-10);
        (output * inputs["outer"]).sum().backward();
        foreach (var (leaf, gradient) in Tensors(name, "gradient"))
            TensorAssert.Close(gradient, inputs[leaf].grad!, 1e-9, 1e-10, $"gradient of {leaf}");

        using (no_grad())
            TensorAssert.Close(expected, forward(inputs), 1e-9, 1e-10, "without gradient");
    }

    private static (nn.Module Module, Func<Dictionary<string, Tensor>, Tensor> Forward) Make(string name)
    {
        var options = new TransformerLayerOptions
        {
            FeedForwardWidth = 10,
            Dropout = 0,
            NormFirst = name.Contains("norm first", StringComparison.Ordinal),
            Activation = name.Contains("gelu", StringComparison.Ordinal) ? Activation.Gelu : Activation.Relu,
        };
        switch (name.Split(',')[0])
        {
            case "encoder layer":
                var encoderLayer = new EncoderLayer(Width, Heads, options);
                return (encoderLayer, x => encoderLayer.call(x["source"], Mask(x, "src_mask", "src_key_padding_mask"), Bias(x, "src_mask")).Output);
            case "decoder layer":
                var decoderLayer = new DecoderLayer(Width, Heads, options);
                return (decoderLayer, x => decoderLayer.call(
                    x["target"], x["memory"], Mask(x, "tgt_mask", "tgt_key_padding_mask"), Mask(x, "memory_mask", "memory_key_padding_mask")).Output);
            case "encoder":
                var encoder = new EncoderLayers(2, Width, Heads, options);
                return (encoder, x => encoder.call(x["source"], Mask(x, "mask", "src_key_padding_mask")).Output);
            case "decoder":
                var decoder = new DecoderLayers(2, Width, Heads, options);
                return (decoder, x => decoder.call(x["target"], x["memory"], AttentionMask.Causal, Mask(x, "", "memory_key_padding_mask")).Output);
            default:
                var both = new EncoderDecoder(Width, Heads, 2, 1, options);
                return (both, x => both.call(
                    x["source"], x["target"], Mask(x, "", "src_key_padding_mask"), AttentionMask.Causal, Mask(x, "", "memory_key_padding_mask")).Output);
        }
    }

    /// <summary>PyTorch's true hides.</summary>
    private static AttentionMask Mask(Dictionary<string, Tensor> inputs, string name, string paddingName)
    {
        var mask = AttentionMask.None;
        if (inputs.TryGetValue(paddingName, out var padding))
            mask &= AttentionMask.FromKeyPadding(padding, PaddingMeaning.TrueIsPadding);
        if (inputs.TryGetValue(name, out var hidden) && hidden.dtype == ScalarType.Bool)
            mask &= AttentionMask.FromBoolean(hidden.logical_not());
        return mask;
    }

    private static Tensor? Bias(Dictionary<string, Tensor> inputs, string name) =>
        inputs.TryGetValue(name, out var bias) && bias.dtype == ScalarType.Float64 ? bias : null;

    private static Dictionary<string, Tensor> Tensors(string name, string kind)
    {
        var prefix = $"{name}/{kind}/";
        return Golden.Value.Names.Where(full => full.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(full => full[prefix.Length..], Golden.Value.Tensor);
    }
}
