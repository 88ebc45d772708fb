using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

public class EncoderLayerTests
{
    private const long D = 6, H = 3;

    public static TheoryData<bool, string, string> Kinds
    {
        get
        {
            var data = new TheoryData<bool, string, string>();
            foreach (var normFirst in new[] { false, true })
                foreach (var norm in new[] { "layer", "rms" })
                    foreach (var network in new[] { "plain", "gated" })
                        data.Add(normFirst, norm, network);
            return data;
        }
    }

    private static ModuleConformance<EncoderLayer> Conformance(TransformerLayerOptions options, string parameters) => new()
    {
        Create = () => new EncoderLayer(D, H, options),
        Inputs = () => [randn(2, 5, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], AttentionMask.FromLengths(3, 5), needWeights: true);
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[2, 5, D], [2, H, 5, 5]],
        Parameters = parameters,
    };

    private static ModuleConformance<EncoderLayer> Plain => Conformance(new() { FeedForwardWidth = 7, Dropout = 0.2 }, """
        self_attn.in_proj_weight [18, 6]
        self_attn.in_proj_bias [18]
        self_attn.out_proj.weight [6, 6]
        self_attn.out_proj.bias [6]
        linear1.weight [7, 6]
        linear1.bias [7]
        linear2.weight [6, 7]
        linear2.bias [6]
        norm1.weight [6]
        norm1.bias [6]
        norm2.weight [6]
        norm2.bias [6]
        """);

    [Fact]
    public void It_owes_what_every_module_owes() => Plain.Run();

    [Fact]
    public void It_runs_on_cuda() => Plain.RunOnCuda();

    [Fact]
    public void So_does_one_of_other_parts() => Conformance(Options(true, "rms", "gated") with { Bias = false, KeyValueHeads = 1 }, """
        self_attn.in_proj_weight [10, 6]
        self_attn.out_proj.weight [6, 6]
        feed_forward.gate_proj.weight [7, 6]
        feed_forward.up_proj.weight [7, 6]
        feed_forward.down_proj.weight [6, 7]
        norm1.weight [6]
        norm2.weight [6]
        """).Run();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_its_parts_in_the_paper_s_order(bool normFirst, string norm, string network)
    {
        using var scope = NewDisposeScope();
        using var layer = new EncoderLayer(D, H, Options(normFirst, norm, network));
        layer.eval();
        var parts = layer.named_children().ToDictionary(child => child.name, child => child.module);
        var attention = (ContextAware.Attention.MultiHeadAttention)parts["self_attn"];
        Tensor Norm(string name, Tensor x) => ((nn.Module<Tensor, Tensor>)parts[name]).call(x);
        Tensor Feed(Tensor x) => network == "gated"
            ? ((GatedFeedForward)parts["feed_forward"]).call(x)
            : Linear("linear2", Linear("linear1", x).relu());
        Tensor Linear(string name, Tensor x) => ((TorchSharp.Modules.Linear)parts[name]).call(x);

        var x = randn(2, 5, D);
        var mask = AttentionMask.Causal;
        Tensor expected;
        if (normFirst)
        {
            var y = x + attention.call(Norm("norm1", x), mask: mask).Output;
            expected = y + Feed(Norm("norm2", y));
        }
        else
        {
            var y = Norm("norm1", x + attention.call(x, mask: mask).Output);
            expected = Norm("norm2", y + Feed(y));
        }
        var before = x.clone();
        TensorAssert.Close(expected, layer.call(x, mask).Output);
        using (no_grad())
            TensorAssert.Close(expected, layer.call(x, mask).Output, what: "in place");
        TensorAssert.Equal(before, x, "the input");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_are_right(bool normFirst, string norm, string network)
    {
        using var scope = NewDisposeScope();
        using var layer = new EncoderLayer(D, H, Options(normFirst, norm, network));
        layer.eval();
        GradientCheck.Module(layer, x => layer.call(x[0], AttentionMask.FromLengths(2, 3)).Output, randn(2, 3, D));
    }

    [Fact]
    public void What_the_mask_hides_changes_nothing_and_an_empty_row_is_no_NaN()
    {
        using var scope = NewDisposeScope();
        using var layer = new EncoderLayer(D, H);
        layer.eval();
        var x = randn(2, 5, D);
        var mask = AttentionMask.FromLengths(3, 0);
        var expected = layer.call(x, mask).Output;
        TensorAssert.AllFinite(expected);
        var other = x.clone();
        other[0, TensorIndex.Slice(3)] = randn(2, D);
        TensorAssert.Close(expected[0].narrow(0, 0, 3), layer.call(other, mask).Output[0].narrow(0, 0, 3));
        expected.sum().backward();
        Assert.All(layer.parameters(), parameter => TensorAssert.AllFinite(parameter.grad!));
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var layer = new EncoderLayer(D, H, new() { Dropout = 0.5 });
        var x = randn(2, 5, D);
        Assert.False(layer.call(x).Output.allclose(layer.call(x).Output));
        layer.eval();
        TensorAssert.Equal(layer.call(x).Output, layer.call(x).Output);
    }

    [Fact]
    public void A_network_that_returns_its_input_does_not_change_it()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var layer = new EncoderLayer(D, H, new() { FeedForward = _ => nn.Identity(), Norm = _ => nn.Identity() });
        layer.eval();
        var x = randn(2, 5, D);
        var (before, expected) = (x.clone(), layer.call(x).Output);
        TensorAssert.Equal(before, x, "the input");
        TensorAssert.Close(expected, layer.call(x).Output);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new EncoderLayer(0, 1));
        Assert.Throws<ArgumentException>("heads", () => new EncoderLayer(6, 4));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => new EncoderLayer(6, 3, new() { Dropout = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>("FeedForwardWidth", () => new EncoderLayer(6, 3, new() { FeedForwardWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("activation", () => new EncoderLayer(6, 3, new() { Activation = (Activation)7 }));
        using var layer = new EncoderLayer(D, H);
        Assert.Throws<ArgumentException>("query", () => layer.call(zeros(2, 5, 4)));
        Assert.Throws<ArgumentException>("bias", () => layer.call(zeros(2, 5, D), bias: zeros(4, 4)));
    }

    internal static TransformerLayerOptions Options(bool normFirst, string norm, string network) => new()
    {
        NormFirst = normFirst,
        FeedForwardWidth = 7,
        Norm = norm == "rms" ? width => new RmsNorm(width) : null,
        FeedForward = network == "gated" ? width => new GatedFeedForward(width, 7) : null,
    };
}
