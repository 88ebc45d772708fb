using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Numbers that other people have published for their implementations, retyped.</summary>
public class PublishedCasesTests
{
    public static TheoryData<AttentionPath> Paths => new(Enum.GetValues<AttentionPath>());

    /// <summary>Keras, attention_test.py and additive_attention_test.py, test_attention_correctness.</summary>
    [Fact]
    public void Keras_dot_and_additive_attention()
    {
        using var scope = NewDisposeScope();
        Tensor query = tensor(new float[,,] { { { 1, 0 }, { 0, 1 } } }), key = tensor(new float[,,] { { { 0, 1 }, { 1, 0 } } });
        var value = tensor(new float[,,] { { { 1, 2 }, { 3, 4 } } });
        using var dot = new ScoredAttention(new DotScore());
        var (output, weights) = dot.call(query, key, value, needWeights: true);
        TensorAssert.Close(new[,,] { { { 2.462, 3.462 }, { 1.538, 2.538 } } }, output, 0, 1e-3);
        TensorAssert.Close(new[,,] { { { 0.269, 0.731 }, { 0.731, 0.269 } } }, weights!, 0, 1e-3);

        // Keras adds query and key as they are, and sums the tanh: unit matrices and ones here.
        using var additive = new ScoredAttention(new AdditiveScore(2, 2, 2));
        additive.load_state_dict(new() { ["score.W_q.weight"] = eye(2), ["score.W_k.weight"] = eye(2), ["score.w_v.weight"] = ones(1, 2) });
        (output, weights) = additive.call(query, key, value, needWeights: true);
        TensorAssert.Close(new[,,] { { { 1.727, 2.727 }, { 2.272, 3.272 } } }, output, 0, 1e-3);
        TensorAssert.Close(new[,,] { { { 0.636, 0.363 }, { 0.363, 0.636 } } }, weights!, 0, 1e-3);
    }

    /// <summary>Keras, multi_head_attention_test.py, test_correctness: eight heads with unit matrices, each of the full width.</summary>
    [Theory]
    [MemberData(nameof(Paths))]
    public void Keras_multi_head_attention(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        var unit = eye(8).unsqueeze(0).unsqueeze(0).expand(1, 8, 8, 8);
        var value = (arange(64).to(float32) / 100).view(1, 1, 8, 8).expand(1, 8, 8, 8);
        double[] line = [2.406, 2.440, 2.473, 2.504, 2.535, 2.568, 2.602, 2.633];
        var output = AttentionFunctions.ScaledDotProduct(unit, unit, value, new() { Path = path }).Output;
        // Read as an output projection, their unit matrices sum each head over its width.
        TensorAssert.Close(tensor(line).view(1, 1, 8).expand(1, 8, 8), output.sum(dim: 3L), 0, 1e-2);
        var weights = AttentionFunctions.ScaledDotProduct(unit, unit, value, new() { NeedWeights = true }).Weights!;
        TensorAssert.Close(eye(8).mul(0.1691 - 0.1187).add(0.1187).expand(1, 8, 8, 8), weights, 0, 1e-2);
    }

    /// <summary>Burn, sdpa.rs, after torch.nn.functional.scaled_dot_product_attention.</summary>
    [Theory]
    [MemberData(nameof(Paths))]
    public void Burn_scaled_dot_product_attention(AttentionPath path)
    {
        using var scope = NewDisposeScope();
        Tensor query = tensor(new float[,,] { { { 1, 0, 1 }, { 0, 1, 0 } } }), key = tensor(new float[,,] { { { 1, 1, 0 }, { 0, 1, 1 } } });
        var value = tensor(new float[,,] { { { 1, 2 }, { 3, 4 } } });
        TensorAssert.Close(new float[,,] { { { 2, 3 }, { 2, 3 } } }, Run(new()));
        TensorAssert.Close(new float[,,] { { { 1, 2 }, { 2, 3 } } }, Run(new() { Mask = AttentionMask.Causal }));
        var bias = tensor(new[,] { { 0, float.NegativeInfinity }, { 0, 0 } });
        TensorAssert.Close(new float[,,] { { { 1, 2 }, { 2, 3 } } }, Run(new() { Bias = bias }));

        Tensor Run(AttentionOptions options) => AttentionFunctions.ScaledDotProduct(query, key, value, options with { Path = path }).Output;
    }

    /// <summary>Zhang et al., Dive into Deep Learning, section 11.3: equal keys, lengths 2 and 6 of 10.</summary>
    [Fact]
    public void Dive_into_deep_learning_additive_and_dot_attention()
    {
        using var scope = NewDisposeScope();
        var keys = ones(2, 10, 2);
        var values = arange(40).to(float32).view(1, 10, 4).expand(2, 10, 4);
        var mask = AttentionMask.FromLengths(2, 6);
        double[,,] expected = { { { 2, 3, 4, 5 } }, { { 10, 11, 12, 13 } } };
        using var additive = new ScoredAttention(new AdditiveScore(20, 2, 8));
        TensorAssert.Close(expected, additive.call(randn(2, 1, 20), keys, values, mask).Output);
        using var dot = new ScoredAttention(new ScaledDotScore(2));
        TensorAssert.Close(expected, dot.call(randn(2, 1, 2), keys, values, mask).Output);
    }

    /// <summary>Karim, "Illustrated: Self-Attention" (2019): three inputs of four numbers, unscaled.</summary>
    [Fact]
    public void Illustrated_self_attention()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[,] { { 1, 0, 1, 0 }, { 0, 2, 0, 2 }, { 1, 1, 1, 1 } });
        var key = x.matmul(tensor(new float[,] { { 0, 0, 1 }, { 1, 1, 0 }, { 0, 1, 0 }, { 1, 1, 0 } })).unsqueeze(0);
        var query = x.matmul(tensor(new float[,] { { 1, 0, 1 }, { 1, 0, 0 }, { 0, 0, 1 }, { 0, 1, 1 } })).unsqueeze(0);
        var value = x.matmul(tensor(new float[,] { { 0, 2, 0 }, { 0, 3, 0 }, { 1, 0, 3 }, { 1, 1, 0 } })).unsqueeze(0);
        using var score = new DotScore();
        TensorAssert.Close(new float[,,] { { { 2, 4, 4 }, { 4, 16, 12 }, { 4, 12, 10 } } }, score.call(query, key));
        using var attention = new ScoredAttention(new DotScore());
        TensorAssert.Close(
            new[,,] { { { 1.9366, 6.6831, 1.5951 }, { 2.0000, 7.9640, 0.0540 }, { 1.9997, 7.7599, 0.3584 } } },
            attention.call(query, key, value).Output, 0, 1e-4);
    }

    /// <summary>ONNX Runtime, attention_op_test.cc: AttentionBatch1, AttentionMaskPartialSequence, AttentionBatch1RelativePositionBias.</summary>
    [Fact]
    public void Onnx_runtime_self_attention_with_two_heads()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 0.8f, -0.5f, 0, 1, 0.5f, 0.2f, 0.3f, -0.6f }).view(1, 2, 4);
        float[] weight =
        [
            0.1f, -0.2f, 0.3f, 1.0f, 1.1f, 0.3f, 0.5f, 0.2f, 0.3f, -0.6f, 1.5f, 2.0f,
            0.5f, 0.1f, 0.4f, 1.6f, 1.0f, 2.0f, 0.4f, 0.8f, 0.9f, 0.1f, -1.3f, 0.7f,
            0.3f, 0.2f, 4.0f, 2.2f, 1.6f, 1.1f, 0.7f, 0.2f, 0.4f, 1.0f, 1.2f, 0.5f,
            0.2f, 0.1f, 0.4f, 1.6f, 2.4f, 3.3f, 2.1f, 4.2f, 8.4f, 0.0f, 2.1f, 3.2f,
        ];
        float[] bias = [-0.5f, 0.6f, 1.2f, 2.1f, 0.5f, 0.7f, 0.2f, 1.2f, 0.5f, 0.4f, 0.3f, 1.2f];
        using var module = new MultiHeadAttention(4, 2);
        module.load_state_dict(new()
        {
            ["in_proj_weight"] = tensor(weight).view(4, 12).t(),      // they multiply from the right
            ["in_proj_bias"] = tensor(bias),
            ["out_proj.weight"] = eye(4),
            ["out_proj.bias"] = zeros(4),
        });
        TensorAssert.Close(
            new[,,] { { { 3.1495983600616455, 0.10843668878078461, 4.25, 5.6499996185302734 }, { 3.9696791172027588, 0.073143675923347473, 4.2499995231628418, 5.6499991416931152 } } },
            module.call(x).Output);
        TensorAssert.Close(
            new[,,] { { { 8.6899995803833008, -0.13000002503395081, 4.25, 5.6499996185302734 }, { 8.6899995803833008, -0.13000002503395081, 4.2499995231628418, 5.6499991416931152 } } },
            module.call(x, mask: AttentionMask.FromLengths(1)).Output);
        var relative = tensor(new[] { 0.2f, -0.1f, 0.4f, 2.5f, 1.6f, -1.1f, 0.4f, -2.5f }).view(1, 2, 2, 2);
        TensorAssert.Close(
            new[,,] { { { 4.066014289855957, 0.068997815251350403, 4.25, 5.6499996185302734 }, { -1.8799558877944946, 0.32488855719566345, 4.25, 5.6499996185302734 } } },
            module.call(x, bias: relative).Output);
    }

    /// <summary>ONNX Runtime, attention_op_test.cc: AttentionUnidirectional and the keys and values that AttentionEmptyPastState leaves.</summary>
    [Fact]
    public void Onnx_runtime_causal_attention_and_its_cache()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 0.091099896f, -0.018294459f, -0.36594841f, 0.28410032f, -0.12125026f, -0.0066160089f, 0.38809127f, -0.22455512f }).view(1, 2, 4);
        float[] weight =
        [
            -0.26592362f, 0.02789675f, 0.072805166f, 0.050951678f, 0.020417947f, -0.047518414f, 0.04381553f, 0.0060153534f, -0.11496957f, -0.17733477f, 0.30928606f, 0.0056484127f,
            0.08960388f, -0.27270448f, 0.14847396f, -0.17960812f, 0.01788955f, 0.099938765f, 0.039435137f, -0.024844f, -0.12958767f, 0.22043331f, 0.17204843f, 0.22024006f,
            0.05936845f, 0.17100939f, -0.39674523f, -0.15914507f, 0.14461797f, -0.20505407f, 0.12749597f, 0.321397f, 0.13995846f, -0.106198177f, 0.045285575f, 0.045598604f,
            -0.0071525453f, 0.109454446f, -0.15825303f, -0.2646342f, 0.09208508f, 0.07014948f, -0.19062495f, -0.24360456f, -0.09368397f, 0.07878212f, 0.2973635f, 0.11210034f,
        ];
        float[] bias =
        [
            -0.054097984f, -0.0644474f, 0.031128775f, -0.082882226f, 0.07840359f, 0.03914358f, -0.45591456f, -0.118760556f, 0.3670335f, 0.028461361f, -0.08913631f, 0.28048715f,
        ];
        using var module = new MultiHeadAttention(4, 2);
        module.load_state_dict(new()
        {
            ["in_proj_weight"] = tensor(weight).view(4, 12).t(),
            ["in_proj_bias"] = tensor(bias),
            ["out_proj.weight"] = eye(4),
            ["out_proj.bias"] = zeros(4),
        });
        using var cache = new ContextAware.Caching.GrowingCache();
        using var quiet = no_grad();
        var output = module.call(x, mask: AttentionMask.Causal, cache: cache).Output;
        TensorAssert.Close(new[,,] { { { 0.28109729, 0.069518551, 0.0038009658, 0.29213354 }, { 0.3692801, 0.029495837, -0.084964074, 0.28169215 } } }, output);
        // What the next step would attend to: the present of that test, heads after each other, and the new position.
        var (key, value) = cache.Append(zeros(1, 2, 1, 2), zeros(1, 2, 1, 2));
        double[] keys = [0.053175069391727448, 0.12795503437519073, 0.11125634610652924, -0.0510881207883358, -0.55345797538757324, -0.3045809268951416, -0.36920222640037537, 0.060108467936515808];
        double[] values = [0.28109729290008545, 0.069518551230430603, 0.45718482136726379, -0.010400654748082161, 0.0038009658455848694, 0.29213353991508484, -0.17697516083717346, 0.27086889743804932];
        TensorAssert.Close(tensor(keys).view(1, 2, 2, 2), key.narrow(2, 0, 2));
        TensorAssert.Close(tensor(values).view(1, 2, 2, 2), value.narrow(2, 0, 2));
    }
}
