using ContextAware.Attention;
using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Bad input by table: the argument's name, what was expected and what came.</summary>
public class AttentionErrorTests
{
    public static TheoryData<string, string, string[]> BadInputs => new()
    {
        { "query 2-d", "query", ["[B, H, T, E]", "[3, 5]"] },
        { "key 3-d", "key", ["4 dimensions", "got 3"] },
        { "value 3-d", "value", ["4 dimensions", "got 3"] },
        { "key type", "key", ["Float32", "Float64"] },
        { "integers", "query", ["floating-point", "Int64"] },
        { "key batch", "key", ["batch size 2", "got 3"] },
        { "key width", "key", ["width 5", "got 4"] },
        { "key heads", "key", ["divides the 4 query heads", "got 3"] },
        { "no heads", "key", ["divides the 4 query heads", "got 0"] },
        { "value heads", "value", ["[2, 2, 6]", "[2, 4, 6]"] },
        { "value length", "value", ["[2, 2, 6]", "[2, 2, 7]"] },
        { "bias shape", "bias", ["[2, 4, 3, 6] or [3, 6]", "[3, 7]"] },
        { "bias 3-d", "bias", ["[2, 4, 3, 6] or [3, 6]", "[4, 3, 6]"] },
        { "bias type", "bias", ["floating-point", "Bool"] },
        { "mask shape", "lengths", ["[B] = [2]", "[3]"] },
        { "softcap", "softcap", ["0 (none) or more", "-1"] },
        { "dropout", "dropout", ["0 to 1", "1.5"] },
        { "scale", "scale", ["finite", "NaN"] },
        { "fused weights", "options", ["no weights"] },
        { "block weights", "options", ["explicit path", "Blocks"] },
        { "fused softcap", "options", ["no softcap"] },
        { "path", "options", ["path that exists", "9"] },
    };

    [Theory]
    [MemberData(nameof(BadInputs))]
    public void Scaled_dot_product_names_what_is_wrong(string kind, string parameter, string[] fragments)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = (randn(2, 4, 3, 5), randn(2, 2, 6, 5), randn(2, 2, 6, 7));
        var options = new AttentionOptions();
        (query, key, value, options) = kind switch
        {
            "query 2-d" => (randn(3, 5), key, value, options),
            "key 3-d" => (query, randn(2, 6, 5), value, options),
            "value 3-d" => (query, key, randn(2, 6, 7), options),
            "key type" => (query, key.to(float64), value, options),
            "integers" => (query.to(int64), key.to(int64), value.to(int64), options),
            "key batch" => (query, randn(3, 2, 6, 5), value, options),
            "key width" => (query, randn(2, 2, 6, 4), value, options),
            "key heads" => (query, randn(2, 3, 6, 5), value, options),
            "no heads" => (query, randn(2, 0, 6, 5), value, options),
            "value heads" => (query, key, randn(2, 4, 6, 7), options),
            "value length" => (query, key, randn(2, 2, 7, 7), options),
            "bias shape" => (query, key, value, options with { Bias = randn(3, 7) }),
            "bias 3-d" => (query, key, value, options with { Bias = randn(4, 3, 6) }),
            "bias type" => (query, key, value, options with { Bias = ones(3, 6, @bool) }),
            "mask shape" => (query, key, value, options with { Mask = AttentionMask.FromLengths(1, 2, 3) }),
            "softcap" => (query, key, value, options with { Softcap = -1 }),
            "dropout" => (query, key, value, options with { Dropout = 1.5 }),
            "scale" => (query, key, value, options with { Scale = double.NaN }),
            "fused weights" => (query, key, value, options with { Path = AttentionPath.Fused, NeedWeights = true }),
            "block weights" => (query.requires_grad_(), key, value, options with { Path = AttentionPath.Blocks, NeedWeights = true }),
            "fused softcap" => (query, key, value, options with { Path = AttentionPath.Fused, Softcap = 2 }),
            "path" => (query, key, value, options with { Path = (AttentionPath)9 }),
            _ => throw new InvalidOperationException(kind),
        };
        Named(parameter, fragments, () => AttentionFunctions.ScaledDotProduct(query, key, value, options));
    }

    public static TheoryData<string, string, string[]> BadModules => new()
    {
        { "width 0", "width", ["0"] },
        { "heads -1", "heads", ["-1"] },
        { "heads", "heads", ["divides the width 6", "got 4"] },
        { "groups", "options", ["divides the 6 heads", "got 4"] },
        { "groups 0", "KeyValueHeads", ["0"] },
        { "kdim", "KeyWidth", ["-3"] },
        { "vdim", "ValueWidth", ["0"] },
        { "dropout", "dropout", ["0 to 1", "-0.1"] },
        { "softcap", "softcap", ["-2"] },
        { "scale", "scale", ["finite"] },
        { "sdpa dropout", "dropout", ["0 to 1", "2"] },
        { "sdpa softcap", "softcap", ["NaN"] },
        { "self dim", "dim", ["0"] },
        { "self heads", "heads", ["divides the width 6", "got 4"] },
        { "self dropout", "dropout", ["0 to 1", "3"] },
    };

    [Theory]
    [MemberData(nameof(BadModules))]
    public void Constructors_name_what_is_wrong(string kind, string parameter, string[] fragments) => Named(parameter, fragments, () => _ = kind switch
    {
        "width 0" => new MultiHeadAttention(0, 3),
        "heads -1" => new MultiHeadAttention(6, -1),
        "heads" => new MultiHeadAttention(6, 4),
        "groups" => new MultiHeadAttention(6, 6, new() { KeyValueHeads = 4 }),
        "groups 0" => new MultiHeadAttention(6, 6, new() { KeyValueHeads = 0 }),
        "kdim" => new MultiHeadAttention(6, 3, new() { KeyWidth = -3 }),
        "vdim" => new MultiHeadAttention(6, 3, new() { ValueWidth = 0 }),
        "dropout" => new MultiHeadAttention(6, 3, new() { Dropout = -0.1 }),
        "softcap" => new MultiHeadAttention(6, 3, new() { Softcap = -2 }),
        "scale" => new MultiHeadAttention(6, 3, new() { Scale = double.PositiveInfinity }),
        "sdpa dropout" => new ScaledDotProductAttention(2),
        "sdpa softcap" => new ScaledDotProductAttention(softcap: double.NaN),
        "self dim" => new SelfAttention(0),
        "self heads" => new SelfAttention(6, 4),
        "self dropout" => (nn.Module)new SelfAttention(8, 2, 3),
        _ => throw new InvalidOperationException(kind),
    });

    public static TheoryData<string, string, string[]> BadCalls => new()
    {
        { "query width", "query", ["D = 6", "[2, 4, 5]"] },
        { "query 1-d", "query", ["D = 6", "[6]"] },
        { "query 4-d", "query", ["[B, T, D] or [T, D]", "[1, 2, 4, 6]"] },
        { "query type", "query", ["Float32", "Float64"] },
        { "key width", "key", ["kdim = 5", "[2, 7, 6]"] },
        { "key batch", "key", ["query's batch", "[2, 4, 6]", "[3, 7, 5]"] },
        { "key 2-d", "key", ["query's batch", "[7, 5]"] },
        { "value width", "value", ["vdim = 3", "[2, 7, 5]"] },
        { "value length", "value", ["[2, 7]", "[2, 8]"] },
        { "mask", "lengths", ["[B] = [2]", "[3]"] },
        { "bias", "bias", ["[2, 3, 4, 7] or [4, 7]", "[4, 8]"] },
        { "null", "query", [] },
    };

    [Theory]
    [MemberData(nameof(BadCalls))]
    public void Multi_head_attention_names_what_is_wrong(string kind, string parameter, string[] fragments)
    {
        using var scope = NewDisposeScope();
        foreach (var zero in new[] { false, true })
        {
            using var module = new MultiHeadAttention(6, 3, new() { KeyWidth = 5, ValueWidth = 3, AddZeroAttention = zero });
            var (query, key, value) = (randn(2, 4, 6), randn(2, 7, 5), randn(2, 7, 3));
            Named(parameter, fragments, () => _ = kind switch
            {
                "query width" => module.call(randn(2, 4, 5), key, value),
                "query 1-d" => module.call(randn(6), key, value),
                "query 4-d" => module.call(randn(1, 2, 4, 6), key, value),
                "query type" => module.call(query.to(float64), key, value),
                "key width" => module.call(query, randn(2, 7, 6), value),
                "key batch" => module.call(query, randn(3, 7, 5), value),
                "key 2-d" => module.call(query, randn(7, 5), value),
                "value width" => module.call(query, key),
                "value length" => module.call(query, key, randn(2, 8, 3)),
                "mask" => module.call(query, key, value, AttentionMask.FromLengths(1, 2, 3)),
                "bias" => module.call(query, key, value, bias: randn(4, 8)),
                _ => module.call(null!),
            });
        }
    }

    [Fact]
    public void Steps_name_what_is_wrong()
    {
        using var scope = NewDisposeScope();
        var (scores, value) = (randn(2, 4, 3, 6), randn(2, 2, 6, 5));
        Named("query", ["[B, H, T, E]", "[3, 5]"], () => AttentionFunctions.Scores(randn(3, 5), randn(3, 5)));
        Named("scale", ["finite"], () => AttentionFunctions.Scores(randn(2, 4, 3, 5), randn(2, 2, 6, 5), double.NaN));
        Named("softcap", ["-1"], () => AttentionFunctions.Softcap(scores, -1));
        Named("scores", ["[B, H, T, S]", "[2, 3]"], () => AttentionFunctions.AddBias(randn(2, 3), null));
        Named("bias", ["[2, 4, 3, 6]", "[5]"], () => AttentionFunctions.AddBias(scores, randn(5)));
        Named("weights", ["[B, H, T, S]", "[2, 3]"], () => AttentionFunctions.Combine(randn(2, 3), value));
        Named("value", ["S = 6", "[2, 2, 7, 5]"], () => AttentionFunctions.Combine(scores, randn(2, 2, 7, 5)));
    }

    [Fact]
    public void A_self_attention_input_of_another_width_is_named()
    {
        using var scope = NewDisposeScope();
        using var module = new SelfAttention(6, 3);
        Named("x", ["[B,N,6]", "[2,4,5]"], () => module.call(randn(2, 4, 5)));
    }

    private static void Named(string parameter, string[] fragments, Action action)
    {
        var thrown = Assert.ThrowsAny<ArgumentException>(action);
        Assert.Equal(parameter, thrown.ParamName);
        Assert.All(fragments, fragment => Assert.Contains(fragment, thrown.Message));
    }
}
