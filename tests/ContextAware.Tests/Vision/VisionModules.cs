using ContextAware.Testing;
using ContextAware.Vision;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

/// <summary>One of each module over feature maps, small, with what its state dict must hold.</summary>
internal sealed record VisionModules(Func<nn.Module<Tensor, Tensor>> Create, long Channels, string Parameters)
{
    public static readonly IReadOnlyDictionary<string, VisionModules> All = new Dictionary<string, VisionModules>
    {
        ["squeeze and excitation"] = new(() => new SqueezeExcitation(11, 2), 11, """
            fc.0.weight [5, 11]
            fc.2.weight [11, 5]
            """),
        ["efficient channel"] = new(() => new EfficientChannelAttention(11), 11, "conv.weight [1, 1, 3]"),
        ["channel"] = new(() => new ChannelAttention(11, 2), 11, """
            se.0.weight [5, 11, 1, 1]
            se.2.weight [11, 5, 1, 1]
            """),
        ["spatial"] = new(() => new SpatialAttention(), 3, """
            conv.weight [1, 2, 7, 7]
            conv.bias [1]
            """),
        ["conv block"] = new(() => new ConvBlockAttention(11, 2), 11, """
            ca.se.0.weight [5, 11, 1, 1]
            ca.se.2.weight [11, 5, 1, 1]
            sa.conv.weight [1, 2, 7, 7]
            sa.conv.bias [1]
            """),
        ["bottleneck"] = new(() => new BottleneckAttention(11, 2, dilation: 2), 11, """
            channel_att.gate_c.gate_c_fc_0.weight [5, 11]
            channel_att.gate_c.gate_c_fc_0.bias [5]
            channel_att.gate_c.gate_c_bn_1.weight [5]
            channel_att.gate_c.gate_c_bn_1.bias [5]
            channel_att.gate_c.gate_c_fc_final.weight [11, 5]
            channel_att.gate_c.gate_c_fc_final.bias [11]
            spatial_att.gate_s.gate_s_conv_reduce0.weight [5, 11, 1, 1]
            spatial_att.gate_s.gate_s_conv_reduce0.bias [5]
            spatial_att.gate_s.gate_s_bn_reduce0.weight [5]
            spatial_att.gate_s.gate_s_bn_reduce0.bias [5]
            spatial_att.gate_s.gate_s_conv_di_0.weight [5, 5, 3, 3]
            spatial_att.gate_s.gate_s_conv_di_0.bias [5]
            spatial_att.gate_s.gate_s_bn_di_0.weight [5]
            spatial_att.gate_s.gate_s_bn_di_0.bias [5]
            spatial_att.gate_s.gate_s_conv_di_1.weight [5, 5, 3, 3]
            spatial_att.gate_s.gate_s_conv_di_1.bias [5]
            spatial_att.gate_s.gate_s_bn_di_1.weight [5]
            spatial_att.gate_s.gate_s_bn_di_1.bias [5]
            spatial_att.gate_s.gate_s_conv_final.weight [1, 5, 1, 1]
            spatial_att.gate_s.gate_s_conv_final.bias [1]
            channel_att.gate_c.gate_c_bn_1.running_mean [5]
            channel_att.gate_c.gate_c_bn_1.running_var [5]
            channel_att.gate_c.gate_c_bn_1.num_batches_tracked []
            spatial_att.gate_s.gate_s_bn_reduce0.running_mean [5]
            spatial_att.gate_s.gate_s_bn_reduce0.running_var [5]
            spatial_att.gate_s.gate_s_bn_reduce0.num_batches_tracked []
            spatial_att.gate_s.gate_s_bn_di_0.running_mean [5]
            spatial_att.gate_s.gate_s_bn_di_0.running_var [5]
            spatial_att.gate_s.gate_s_bn_di_0.num_batches_tracked []
            spatial_att.gate_s.gate_s_bn_di_1.running_mean [5]
            spatial_att.gate_s.gate_s_bn_di_1.running_var [5]
            spatial_att.gate_s.gate_s_bn_di_1.num_batches_tracked []
            """),
        ["coordinate"] = new(() => new CoordinateAttention(5), 5, """
            conv1.weight [8, 5, 1, 1]
            conv1.bias [8]
            bn1.weight [8]
            bn1.bias [8]
            conv_h.weight [5, 8, 1, 1]
            conv_h.bias [5]
            conv_w.weight [5, 8, 1, 1]
            conv_w.bias [5]
            bn1.running_mean [8]
            bn1.running_var [8]
            bn1.num_batches_tracked []
            """),
        ["non-local"] = new(() => new NonLocalBlock(7), 7, NonLocalParameters),
        ["non-local, dot"] = new(() => new NonLocalBlock(7, kind: NonLocalKind.Dot), 7, NonLocalParameters),
        ["map"] = new(() => new FeatureMapAttention(10, 2), 10, AttentionParameters),
        ["map, sinusoidal"] = new(() => new FeatureMapAttention(10, 2, Encoding()), 10, AttentionParameters),
        ["map, relative"] = new(() => new FeatureMapAttention(10, new RelativeBias2d(2, 7, 5)), 10, AttentionParameters + "\nbias.relative_position_bias_table [117, 2]"),
        ["encoding"] = new(Encoding, 10, ""),
    };

    private const string NonLocalParameters = """
        g.weight [3, 7, 1, 1]
        g.bias [3]
        theta.weight [3, 7, 1, 1]
        theta.bias [3]
        phi.weight [3, 7, 1, 1]
        phi.bias [3]
        W.weight [7, 3, 1, 1]
        W.bias [7]
        """;

    private const string AttentionParameters = """
        attention.in_proj_weight [30, 10]
        attention.in_proj_bias [30]
        attention.out_proj.weight [10, 10]
        attention.out_proj.bias [10]
        """;

    // Its table, made at the first call, stays.
    private static SinusoidalEncoding2d Encoding()
    {
        var encoding = new SinusoidalEncoding2d(10);
        encoding.call(zeros(1, 10, 1, 1)).Dispose();
        return encoding;
    }

    public static TheoryData<string> Names => [.. All.Keys];

    public ModuleConformance<nn.Module<Tensor, Tensor>> Conformance => new()
    {
        Create = Create,
        Inputs = () => [randn(2, Channels, 5, 3)],
        Forward = (m, x) => [m.call(x[0])],
        OutputShapes = [[2, Channels, 5, 3]],
        Parameters = Parameters,
        ParametersWithoutGradient = ["phi.bias"],       // it adds the same to all scores of a place
    };
}
