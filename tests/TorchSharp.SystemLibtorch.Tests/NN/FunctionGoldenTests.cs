using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Functions and their gradients against PyTorch's.</summary>
public class FunctionGoldenTests
{
    private static readonly float[] Weight = [0.5f, 1.0f, 2.0f, 0.1f, 1.5f, 0.7f];

    private static readonly Dictionary<string, Func<Tensor[], Tensor>> Functions = new()
    {
        ["relu"] = x => F.relu(x[0]),
        ["relu6"] = x => F.relu6(x[0]),
        ["leaky_relu"] = x => F.leaky_relu(x[0], 0.2),
        ["elu"] = x => F.elu(x[0], 0.7),
        ["selu"] = x => F.selu(x[0]),
        ["celu"] = x => F.celu(x[0], 0.7),
        ["gelu"] = x => F.gelu(x[0]),
        ["gelu_tanh"] = x => F.gelu(x[0], Modules.GELU.Approximate.tanh),
        ["silu"] = x => F.silu(x[0]),
        ["mish"] = x => F.mish(x[0]),
        ["softplus"] = x => F.softplus(x[0], 2, 1),
        ["tanh"] = x => F.tanh(x[0]),
        ["sigmoid"] = x => F.sigmoid(x[0]),
        ["logsigmoid"] = x => F.logsigmoid(x[0]),
        ["glu"] = x => F.glu(x[0], 0),
        ["hardtanh"] = x => F.hardtanh(x[0], -0.4, 0.6),
        ["hardsigmoid"] = x => F.hardsigmoid(x[0]),
        ["hardswish"] = x => F.hardswish(x[0]),
        ["hardshrink"] = x => F.hardshrink(x[0]),
        ["softshrink"] = x => F.softshrink(x[0]),
        ["threshold"] = x => F.threshold(x[0], 0.1, 2),
        ["softmax"] = x => F.softmax(x[0], 1),
        ["log_softmax"] = x => F.log_softmax(x[0], 0),
        ["softmin"] = x => F.softmin(x[0], 1),
        ["normalize"] = x => F.normalize(x[0]),
        ["normalize_1"] = x => F.normalize(x[0], p: 1, dim: 0),
        ["pad"] = x => F.pad(x[0], (1, 2, 0, 3), value: 0.5),
        ["pad_reflect"] = x => F.pad(x[0], (1, 2, 2, 1), PaddingModes.Reflect),
        ["pad_replicate"] = x => F.pad(x[0], (1, 2, 2, 1), PaddingModes.Replicate),
        ["pad_circular"] = x => F.pad(x[0], (1, 2, 2, 1), PaddingModes.Circular),
        ["nearest"] = x => F.interpolate(x[0], [7, 3]),
        ["nearest_exact"] = x => F.interpolate(x[0], [7, 3], mode: InterpolationMode.NearestExact),
        ["bilinear"] = x => F.interpolate(x[0], scale_factor: [1.5, 2.5], mode: InterpolationMode.Bilinear),
        ["bilinear_recomputed"] = x => F.interpolate(x[0], scale_factor: [1.5, 2.5], mode: InterpolationMode.Bilinear, recompute_scale_factor: true),
        ["bilinear_corners"] = x => F.interpolate(x[0], [7, 9], mode: InterpolationMode.Bilinear, align_corners: true),
        ["bilinear_antialias"] = x => F.interpolate(x[0], [2, 3], mode: InterpolationMode.Bilinear, antialias: true),
        ["bicubic"] = x => F.interpolate(x[0], [7, 9], mode: InterpolationMode.Bicubic),
        ["area"] = x => F.interpolate(x[0], [2, 3], mode: InterpolationMode.Area),
        ["unfold"] = x => F.unfold(x[0], (2, 3), padding: (1, 1), stride: (2, 2)),
        ["fold"] = x => F.fold(F.unfold(x[0], 2), (4, 5), (2, 2)),
        ["pixel_shuffle"] = x => F.pixel_shuffle(x[0], 2),
        ["pixel_unshuffle"] = x => F.pixel_unshuffle(x[0], 2),
        ["cosine_similarity"] = x => F.cosine_similarity(x[0], x[1], 0),
        ["pairwise_distance"] = x => F.pairwise_distance(x[0], x[1]),
        ["mse"] = x => F.mse_loss(x[0], x[1]),
        ["mse_none"] = x => F.mse_loss(x[0], x[1], Reduction.None),
        ["l1"] = x => F.l1_loss(x[0], x[1]),
        ["l1_sum"] = x => F.l1_loss(x[0], x[1], Reduction.Sum),
        ["smooth_l1"] = x => F.smooth_l1_loss(x[0], x[1], beta: 0.3),
        ["huber"] = x => F.huber_loss(x[0], x[1], 0.3),
        ["bce"] = x => F.binary_cross_entropy(x[0].sigmoid(), x[1].sigmoid()),
        ["bce_logits"] = x => F.binary_cross_entropy_with_logits(x[0], x[1].sigmoid()),
        ["kl_div"] = x => F.kl_div(F.log_softmax(x[0], 1), F.log_softmax(x[1], 1)),
        ["kl_div_plain"] = x => F.kl_div(F.log_softmax(x[0], 1), F.softmax(x[1], 1), log_target: false, Reduction.Sum),
        ["soft_margin"] = x => F.soft_margin_loss(x[0] + x[1], ones(4, 6)),
        ["cosine_embedding"] = x => F.cosine_embedding_loss(x[0], x[1], tensor(new[] { 1L, -1, 1, -1 }), 0.1),
        ["margin_ranking"] = x => F.margin_ranking_loss(x[0], x[1], ones(4, 6), 0.1),
        ["hinge_embedding"] = x => F.hinge_embedding_loss(x[0] + x[1], tensor(new[] { 1f, -1f }).repeat(4, 3), 0.5),
        ["triplet"] = x => F.triplet_margin_loss(x[0], x[1], x[1].flip(0)),
        ["cross_entropy"] = x => F.cross_entropy(x[0], x[1]),
        ["cross_entropy_sum"] = x => F.cross_entropy(x[0], x[1], reduction: Reduction.Sum),
        ["cross_entropy_ignored"] = x => F.cross_entropy(x[0], x[1], ignore_index: 3),
        ["cross_entropy_weighted"] = x => F.cross_entropy(x[0], x[1], tensor(Weight)),
        ["cross_entropy_smoothed"] = x => F.cross_entropy(x[0], x[1], tensor(Weight), ignore_index: 0, label_smoothing: 0.1),
        ["cross_entropy_none"] = x => F.cross_entropy(x[0], x[1], reduction: Reduction.None),
        ["nll"] = x => F.nll_loss(F.log_softmax(x[0], 1), x[1]),
        ["nll_weighted"] = x => F.nll_loss(F.log_softmax(x[0], 1), x[1], tensor(Weight), Reduction.Sum),
        ["attention"] = x => F.scaled_dot_product_attention(x[0], x[1], x[2]),
        ["attention_boolean"] = x => F.scaled_dot_product_attention(x[0], x[1], x[2], Golden("attention_boolean")["allowed"]),
        ["attention_added"] = x => F.scaled_dot_product_attention(x[0], x[1], x[2], Golden("attention_added")["added"]),
        ["attention_causal"] = x => F.scaled_dot_product_attention(x[0], x[1], x[2], null, 0, true),
    };

    public static TheoryData<string> Cases => [.. Functions.Keys];

    private static GoldenCase Golden(string name) => new("nn_functions.safetensors", name);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_function_has_the_values_and_gradients_of_PyTorch(string name)
    {
        PublishedFaults.Skip(name);
        using var scope = NewDisposeScope();
        var golden = Golden(name);
        golden.Check([Functions[name](golden.Inputs)]);
    }
}
