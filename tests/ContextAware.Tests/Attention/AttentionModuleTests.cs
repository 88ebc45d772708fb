using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class AttentionModuleTests
{
    [Fact]
    public void Scaled_dot_product_attention_conforms() => ScaledDotProduct.Run();

    [Fact]
    public void Scaled_dot_product_attention_conforms_on_CUDA() => ScaledDotProduct.RunOnCuda();

    [Fact]
    public void Self_attention_conforms() => Self.Run();

    [Fact]
    public void Self_attention_conforms_on_CUDA() => Self.RunOnCuda();

    [Fact]
    public void Scaled_dot_product_attention_drops_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var module = new ScaledDotProductAttention(dropout: 0.5);
        var x = randn(2, 3, 5, 4);
        Assert.False(module.call(x, x, x).Output.Equals(module.call(x, x, x).Output));
        module.eval();
        TensorAssert.Equal(AttentionFunctions.ScaledDotProduct(x, x, x).Output, module.call(x, x, x).Output);
    }

    [Fact]
    public void Scaled_dot_product_attention_passes_its_settings_on()
    {
        using var scope = NewDisposeScope();
        using var module = new ScaledDotProductAttention(scale: 0.3, softcap: 2);
        var (x, bias) = (randn(2, 3, 5, 4), randn(5, 5));
        var options = new AttentionOptions { Scale = 0.3, Softcap = 2, Bias = bias, Mask = AttentionMask.Causal, NeedWeights = true };
        var expected = AttentionFunctions.ScaledDotProduct(x, x, x, options);
        var actual = module.call(x, x, x, AttentionMask.Causal, bias, needWeights: true);
        TensorAssert.Equal(expected.Output, actual.Output);
        TensorAssert.Equal(expected.Weights!, actual.Weights!);
    }

    [Fact]
    public void Self_attention_is_multi_head_attention_with_residual_and_norm()
    {
        using var scope = NewDisposeScope();
        manual_seed(23);
        using var taught = new SelfAttention(6, 3, dropout: 0.4);
        using var module = new MultiHeadAttention(6, 3);
        taught.eval();
        var state = taught.state_dict();
        module.load_state_dict(new()
        {
            ["in_proj_weight"] = cat([state["W_Q.weight"], state["W_K.weight"], state["W_V.weight"]]),
            ["in_proj_bias"] = cat([state["W_Q.bias"], state["W_K.bias"], state["W_V.bias"]]),
            ["out_proj.weight"] = state["fc.weight"],
            ["out_proj.bias"] = state["fc.bias"],
        });
        var x = randn(2, 5, 6);
        var mask = AttentionMask.FromLengths(5, 2);
        var expected = nn.functional.layer_norm(x + module.call(x, mask: mask).Output, [6], state["layer_norm.weight"], state["layer_norm.bias"]);
        TensorAssert.Close(expected, taught.call(x, mask));
        taught.train();
        Assert.False(taught.call(x).Equals(taught.call(x)));
    }

    [Fact]
    public void Gradients_of_self_attention_agree_with_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var module = new SelfAttention(6, 2);
        GradientCheck.Module(module, x => module.call(x[0], AttentionMask.Causal), randn(2, 4, 6));
    }

    private static ModuleConformance<ScaledDotProductAttention> ScaledDotProduct => new()
    {
        Create = () => new ScaledDotProductAttention(0.2),
        Inputs = () => [randn(2, 6, 4, 5), randn(2, 3, 7, 5), randn(2, 3, 7, 11), randn(4, 7)],
        Forward = (module, x) =>
        {
            var (output, weights) = module.call(x[0], x[1], x[2], AttentionMask.FromLengths(7, 3), x[3], needWeights: true);
            return [output, weights!];
        },
        OutputShapes = [[2, 6, 4, 11], [2, 6, 4, 7]],
        Parameters = "",
    };

    private static ModuleConformance<SelfAttention> Self => new()
    {
        Create = () => new SelfAttention(8, 2, 0.1),
        Inputs = () => [randn(2, 5, 8)],
        Forward = (module, x) => [module.call(x[0])],
        OutputShapes = [[2, 5, 8]],
        Parameters = """
            W_Q.weight [8, 8]
            W_Q.bias [8]
            W_K.weight [8, 8]
            W_K.bias [8]
            W_V.weight [8, 8]
            W_V.bias [8]
            fc.weight [8, 8]
            fc.bias [8]
            layer_norm.weight [8]
            layer_norm.bias [8]
            """,
    };
}
