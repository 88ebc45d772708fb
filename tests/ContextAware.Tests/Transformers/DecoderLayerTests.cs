using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

public class DecoderLayerTests
{
    private const long D = 6, H = 3, M = 5;

    private static ModuleConformance<DecoderLayer> Conformance => new()
    {
        Create = () => new DecoderLayer(D, H, new() { FeedForwardWidth = 7, MemoryWidth = M, Dropout = 0.1 }),
        Inputs = () => [randn(2, 4, D), randn(2, 3, M)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], x[1], AttentionMask.Causal, AttentionMask.FromLengths(2, 3), needWeights: true);
            return [result.Output, result.SelfWeights!, result.CrossWeights!];
        },
        OutputShapes = [[2, 4, D], [2, H, 4, 4], [2, H, 4, 3]],
        Parameters = """
            self_attn.in_proj_weight [18, 6]
            self_attn.in_proj_bias [18]
            self_attn.out_proj.weight [6, 6]
            self_attn.out_proj.bias [6]
            multihead_attn.q_proj_weight [6, 6]
            multihead_attn.k_proj_weight [6, 5]
            multihead_attn.v_proj_weight [6, 5]
            multihead_attn.in_proj_bias [18]
            multihead_attn.out_proj.weight [6, 6]
            multihead_attn.out_proj.bias [6]
            linear1.weight [7, 6]
            linear1.bias [7]
            linear2.weight [6, 7]
            linear2.bias [6]
            norm1.weight [6]
            norm1.bias [6]
            norm2.weight [6]
            norm2.bias [6]
            norm3.weight [6]
            norm3.bias [6]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Theory]
    [MemberData(nameof(EncoderLayerTests.Kinds), MemberType = typeof(EncoderLayerTests))]
    public void Gradients_are_right(bool normFirst, string norm, string network)
    {
        using var scope = NewDisposeScope();
        using var layer = new DecoderLayer(D, H, EncoderLayerTests.Options(normFirst, norm, network));
        layer.eval();
        GradientCheck.Module(layer, x => layer.call(x[0], x[1], AttentionMask.Causal, AttentionMask.FromLengths(2, 1)).Output, randn(2, 3, D), randn(2, 2, D));
    }

    [Fact]
    public void What_the_masks_hide_changes_nothing_and_an_empty_memory_is_no_NaN()
    {
        using var scope = NewDisposeScope();
        using var layer = new DecoderLayer(D, H);
        layer.eval();
        var (target, memory) = (randn(2, 4, D), randn(2, 3, D));
        var memoryMask = AttentionMask.FromLengths(0, 2);
        var expected = layer.call(target, memory, AttentionMask.Causal, memoryMask).Output;
        TensorAssert.AllFinite(expected);
        var (later, hidden) = (target.clone(), memory.clone());
        later[TensorIndex.Colon, 3] = randn(2, D);
        hidden[1, 2] = float.NaN;
        hidden[0] = float.NaN;
        TensorAssert.Close(expected.narrow(1, 0, 3), layer.call(later, hidden, AttentionMask.Causal, memoryMask).Output.narrow(1, 0, 3));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("heads", () => new DecoderLayer(6, 0));
        Assert.Throws<ArgumentOutOfRangeException>("KeyWidth", () => new DecoderLayer(6, 3, new() { MemoryWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("FeedForwardWidth", () => new DecoderLayer(6, 3, new() { FeedForwardWidth = -1 }));
        using var layer = new DecoderLayer(D, H);
        Assert.Throws<ArgumentException>("query", () => layer.call(zeros(2, 5, 4), zeros(2, 3, D)));
        Assert.Throws<ArgumentException>("key", () => layer.call(zeros(2, 5, D), zeros(2, 3, 4)));
        Assert.Throws<ArgumentException>("key", () => layer.call(zeros(2, 5, D), zeros(3, 3, D)));
    }
}
