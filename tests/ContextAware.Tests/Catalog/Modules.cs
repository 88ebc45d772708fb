using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Tests.Catalog;

/// <summary>Every module of scores and attention, in each of its forms. A test sees to it that none is missing.</summary>
internal static class Modules
{
    private const long B = 2, T = 3, S = 5, D = 6;

    private static readonly Func<AttentionMask>[] Keys = [() => AttentionMask.FromLengths(3, 0)];

    private static readonly Func<AttentionMask>[] Any =
    [
        () => AttentionMask.FromLengths(3, 0), () => AttentionMask.Causal, () => AttentionMask.SlidingWindow(1) & AttentionMask.FromLengths(4, 5),
        () => AttentionMask.CausalFrom(-1), () => AttentionMask.Blocks(2),
    ];

    internal static readonly IReadOnlyDictionary<string, ModuleCase> All = new Dictionary<string, ModuleCase>
    {
        ["dot"] = Score(() => new DotScore()),
        ["scaled dot"] = Score(() => new ScaledDotScore(D)),
        ["general"] = Score(() => new GeneralScore(D, D)),
        ["additive"] = Score(() => new AdditiveScore(D, D, 7)),
        ["additive, biased"] = Score(() => new AdditiveScore(D, D, 7, bias: true)),
        ["additive, normalised"] = Score(() => new AdditiveScore(D, D, 7, normalized: true)),
        ["additive, in blocks"] = Score(() => new AdditiveScore(D, D, 7, bias: true) { BlockSize = 30 }),
        ["concat"] = Score(() => new ConcatScore(D, D, 7)),
        ["concat, biased, in blocks"] = Score(() => new ConcatScore(D, D, 7, bias: true) { BlockSize = 30 }),
        ["cosine"] = Score(() => new CosineScore(0.5)),
        ["location"] = ModuleCase.Of(
            () => new LocationScore(D, D, 7, 2, 3), (module, x, _) => module.Score(x[0], module.ProjectKeys(x[1]), x[2]), [B, D], [B, S, D], [B, S]),

        ["dot attention"] = Scored(() => new DotScore()),
        ["additive attention"] = Scored(() => new AdditiveScore(D, D, 7, normalized: true)),
        ["location attention"] = Scored(() => new LocationScore(D, D, 7, 2, 3)),
        ["one step"] = ModuleCase.Of(
            () => new ScoredAttention(new GeneralScore(D, D)), (module, x, mask) => module.call(x[0], x[1], x[2], mask).Output, [B, D], [B, S, D], [B, S, 4])
            with { Masks = Keys, Hideable = [1, 2] },
        ["vanilla"] = ModuleCase.Of(() => new VanillaAttention(D), (module, x, mask) => module.call(x[0], x[1], mask).Output, [B, D], [B, S, D])
            with { Masks = Keys, Hideable = [1], Idle = ["fc_align.bias"] },

        ["scaled dot-product"] = ScaledDotProduct(() => new ScaledDotProductAttention()),
        ["scaled dot-product, capped"] = ScaledDotProduct(() => new ScaledDotProductAttention(scale: 0.7, softcap: 2)),
        ["multi-head"] = MultiHead(null),
        ["multi-head, one input"] = ModuleCase.Of(() => new MultiHeadAttention(D, 3), (module, x, mask) => module.call(x[0], mask: mask).Output, [B, S, D])
            with { Masks = Any },
        ["multi-head, grouped, capped"] = MultiHead(new() { KeyValueHeads = 1, Softcap = 3 }),
        ["multi-head, with norms"] = MultiHead(new() { QueryKeyNorm = width => nn.LayerNorm(width) }, heads: 1),
        ["multi-head, extra keys"] = MultiHead(new() { AddKeyValueBias = true, AddZeroAttention = true, Bias = false }),
        ["multi-head, other widths"] = MultiHead(new() { KeyWidth = 4, ValueWidth = 7 }),
        ["self"] = ModuleCase.Of(() => new SelfAttention(D, 3), (module, x, mask) => module.call(x[0], mask), [B, S, D]) with { Masks = Any },
        ["simplified self"] = ModuleCase.Of(() => new SimplifiedSelfAttention(D, 3), (module, x, mask) => module.call(x[0], mask), [B, S, D]) with { Masks = Any },
        ["simplified"] = ModuleCase.Of(
            () => new SimplifiedScaledDotProductAttention(D, 3), (module, x, mask) => module.call(x[0], x[1], x[2], mask).Output, [B, T, D], [B, S, D], [B, S, D])
            with { Masks = Any, Hideable = [1, 2] },
        ["external"] = ModuleCase.Of(() => new ExternalAttention(D, 4), (module, x, mask) => module.call(x[0], mask).Output, [B, S, D])
            with { Masks = Keys, Hideable = [0] },
        ["multi-head external"] = ModuleCase.Of(() => new MultiHeadExternalAttention(D, 3, 4, 2), (module, x, mask) => module.call(x[0], mask).Output, [B, S, D])
            with { Masks = Keys, Hideable = [0], Idle = ["linear_0.bias"] },
    };

    private static ModuleCase Score<TScore>(Func<TScore> create)
        where TScore : ScoreFunction =>
        ModuleCase.Of(create, (module, x, _) => module.call(x[0], x[1]), [B, T, D], [B, S, D]);

    private static ModuleCase Scored(Func<ScoreFunction> score) =>
        ModuleCase.Of(() => new ScoredAttention(score()), (module, x, mask) => module.call(x[0], x[1], x[2], mask).Output, [B, T, D], [B, S, D], [B, S, 4])
            with { Masks = Any, Hideable = [1, 2] };

    private static ModuleCase ScaledDotProduct(Func<ScaledDotProductAttention> create) => ModuleCase.Of(
        create, (module, x, mask) => module.call(x[0], x[1], x[2], mask, x[3]).Output, [B, 4, T, D], [B, 2, S, D], [B, 2, S, 7], [1, 4, T, S])
        with { Masks = Any, Hideable = [1, 2] };

    private static ModuleCase MultiHead(MultiHeadAttentionOptions? options, long heads = 3) => ModuleCase.Of(
        () => new MultiHeadAttention(D, heads, options), (module, x, mask) => module.call(x[0], x[1], x[2], mask).Output,
        [B, T, D], [B, S, options?.KeyWidth ?? D], [B, S, options?.ValueWidth ?? D])
        with { Masks = Any, Hideable = [1, 2] };
}
