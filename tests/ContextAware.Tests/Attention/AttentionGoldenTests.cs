using ContextAware.Attention;
using ContextAware.Interop;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Against PyTorch: golden/make_golden_attention.py says how the values came about.</summary>
public class AttentionGoldenTests
{
    private static readonly Lazy<GoldenFile> Golden = new(() => GoldenFile.Read("tests", "ContextAware.Tests", "golden", "attention.safetensors"));

    public static TheoryData<string> MultiHeadCases => new(Golden.Value.Names
        .Where(name => name.EndsWith("/parameter/out_proj.weight", StringComparison.Ordinal))
        .Select(name => name.Split('/')[0])
        .Where(name => !name.StartsWith("fresh", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(MultiHeadCases))]
    public void Multi_head_attention_gives_what_PyTorch_gives_with_its_weights_loaded_by_name(string name)
    {
        using var scope = NewDisposeScope();
        var parameters = Tensors(name, "parameter");
        using var module = new MultiHeadAttention(6, Heads(name), new()
        {
            KeyWidth = parameters.GetValueOrDefault("k_proj_weight")?.size(1),
            ValueWidth = parameters.GetValueOrDefault("v_proj_weight")?.size(1),
            Bias = parameters.ContainsKey("in_proj_bias"),
            AddKeyValueBias = parameters.ContainsKey("bias_k"),
            AddZeroAttention = name.Contains("zero attention", StringComparison.Ordinal),
        });
        module.to(ScalarType.Float64);
        using (var file = SafetensorsFile.Open(RepositoryPaths.At("tests", "ContextAware.Tests", "golden", "attention.safetensors")))
            module.LoadWeights(new Part(file, $"{name}/parameter/"));

        var inputs = Tensors(name, "input");
        foreach (var input in new[] { "query", "key", "value" }.Where(inputs.ContainsKey))
            inputs[input].requires_grad_();
        var (query, key, value) = (inputs["query"], inputs.GetValueOrDefault("key"), inputs.GetValueOrDefault("value"));
        var (mask, bias) = Mask(inputs);
        var average = name.Contains("average", StringComparison.Ordinal);

        var expected = Tensors(name, "output");
        var withWeights = module.call(query, key, value, mask, bias, needWeights: true, averageWeights: average);
        TensorAssert.Close(expected["output"], withWeights.Output, 1e-10, 1e-10);
        TensorAssert.Close(expected["weights"], withWeights.Weights!, 1e-10, 1e-10);

        var without = module.call(query, key, value, mask, bias);
        Assert.Null(without.Weights);
        TensorAssert.Close(expected["output"], without.Output, 1e-10, 1e-10);

        (without.Output * inputs["outer"]).sum().backward();
        var actual = module.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter);
        foreach (var (what, gradient) in Tensors(name, "gradient"))
            TensorAssert.Close(gradient, (actual.GetValueOrDefault(what) ?? inputs[what]).grad!, 1e-9, 1e-10, $"gradient of {what}");
    }

    [Theory]
    [InlineData("functional")]
    [InlineData("functional, bool")]
    [InlineData("functional, float")]
    [InlineData("functional, causal")]
    [InlineData("functional, without heads")]
    public void Scaled_dot_product_attention_gives_what_PyTorch_gives(string name)
    {
        using var scope = NewDisposeScope();
        var (inputs, expected, gradients) = (Tensors(name, "input"), Tensors(name, "output"), Tensors(name, "gradient"));
        var mask = inputs.GetValueOrDefault("mask");
        var options = new AttentionOptions
        {
            Mask = name.EndsWith("causal", StringComparison.Ordinal) ? AttentionMask.CausalFrom(0)
                : mask is { dtype: ScalarType.Bool } ? AttentionMask.FromBoolean(mask) : AttentionMask.None,
            Bias = mask is { dtype: ScalarType.Float64 } ? mask : null,
        };
        var explicitly = AttentionFunctions.ScaledDotProduct(inputs["query"], inputs["key"], inputs["value"], options with { NeedWeights = true });
        TensorAssert.Close(expected["weights"], explicitly.Weights!, 1e-12, 1e-12);
        foreach (var path in Enum.GetValues<AttentionPath>())
        {
            Tensor[] leaves = [.. new[] { "query", "key", "value" }.Select(input => inputs[input].clone().requires_grad_())];
            var output = AttentionFunctions.ScaledDotProduct(leaves[0], leaves[1], leaves[2], options with { Path = path }).Output;
            TensorAssert.Close(expected["output"], output, 1e-12, 1e-12, $"{path} output");
            (output * inputs["outer"]).sum().backward();
            TensorAssert.Close(gradients["query"], leaves[0].grad!, 1e-10, 1e-12, $"{path} gradient of query");
            TensorAssert.Close(gradients["key"], leaves[1].grad!, 1e-10, 1e-12, $"{path} gradient of key");
            TensorAssert.Close(gradients["value"], leaves[2].grad!, 1e-10, 1e-12, $"{path} gradient of value");
        }
    }

    [Theory]
    [InlineData("fresh", null, null, false)]
    [InlineData("fresh, kdim, bias kv", 5L, 3L, true)]
    public void The_same_seed_gives_the_weights_that_PyTorch_gives(string name, long? keyWidth, long? valueWidth, bool extra)
    {
        using var scope = NewDisposeScope();
        manual_seed(20240229);
        using var module = new MultiHeadAttention(8, 2, new() { KeyWidth = keyWidth, ValueWidth = valueWidth, AddKeyValueBias = extra });
        var expected = Tensors(name, "parameter");
        Assert.Equal(expected.Keys.Order(), module.state_dict().Keys.Order());
        foreach (var (what, parameter) in module.named_parameters())
            TensorAssert.Close(expected[what], parameter, 1e-6, 1e-7, what);
    }

    private static long Heads(string name) => name.StartsWith("one head", StringComparison.Ordinal) ? 1 : name.StartsWith("six heads", StringComparison.Ordinal) ? 6 : 3;

    /// <summary>PyTorch's True hides; a mask per head has batch and heads in one dimension.</summary>
    private static (AttentionMask Mask, Tensor? Bias) Mask(Dictionary<string, Tensor> inputs)
    {
        var mask = AttentionMask.None;
        Tensor? bias = null;
        if (inputs.TryGetValue("padding", out var padding))
            mask &= AttentionMask.FromKeyPadding(padding, PaddingMeaning.TrueIsPadding);
        if (!inputs.TryGetValue("mask", out var given))
            return (mask, bias);
        given = given.Dimensions == 3 ? given.unflatten(0, 2, 3) : given;
        if (given.dtype == ScalarType.Bool)
            mask &= AttentionMask.FromBoolean(given.logical_not());
        else
            bias = given;
        return (mask, bias);
    }

    /// <summary>The tensors of one case, under PyTorch's names.</summary>
    private sealed class Part(SafetensorsFile file, string prefix) : IWeightSource
    {
        public IReadOnlyDictionary<string, WeightEntry> Entries { get; } = file.Entries
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);

        public Tensor Read(string name, ScalarType? dtype = null, Device? device = null) => file.Read(prefix + name, dtype, device);
    }

    private static Dictionary<string, Tensor> Tensors(string name, string kind)
    {
        var prefix = $"{name}/{kind}/";
        return Golden.Value.Names.Where(full => full.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(full => full[prefix.Length..], Golden.Value.Tensor);
    }
}
