using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>Attention as users call it; peers/attention.py does the same in PyTorch.</summary>
internal static class AttentionCases
{
    private const long Width = 512;
    private const long Heads = 8;

    public static IEnumerable<Case> Cases { get; } =
    [
        SelfAttention("self-4x1024", "multi-head self-attention 4×1024×512, 8 heads, no weights", 4, 1024),
        SelfAttention("self-4x1024-weights", "the same with weights, averaged over the heads as PyTorch does", 4, 1024) with
        {
            Prepare = () => Forward(4, 1024, mask: AttentionMask.None, weights: true),
        },
        SelfAttention("self-4x1024-train", "the same without weights, forward and backward, gradients to input and parameters", 4, 1024, passes: 3) with
        {
            Prepare = () => ForwardAndBackward(4, 1024),
        },
        SelfAttention("self-1x8192", "multi-head self-attention 1×8192×512, 8 heads, no weights; all scores alone are 2,147 MB", 1, 8192),
        new("cross-32x50x100", "multi-head cross-attention, 32×50×512 queries to 32×100 keys, 8 heads, no weights", () => Cross(32, 50, 100))
        {
            Operations = 32 * ((4 * 50 * Width * Width) + (4 * 100 * Width * Width) + (4 * 50 * 100 * Width)),
        },
        SelfAttention("padded-32x128", "multi-head self-attention 32×128×512, 8 heads, padding mask for lengths 128, 125, … 35", 32, 128) with
        {
            Prepare = () => Forward(32, 128, AttentionMask.FromLengths([.. Enumerable.Range(0, 32).Select(i => 128L - (3 * i))]), weights: false),
        },
        new("additive-steps-64x50", "additive attention (Bahdanau), width 256, 40 steps of 64×1 queries to 64×50 keys, projected once", () => Additive(64, 40, 50, 256, atOnce: false)),
        new("additive-at-once-64x40x50", "the same 64×40 queries at once", () => Additive(64, 40, 50, 256, atOnce: true)),
    ];

    private static Case SelfAttention(string name, string what, long batch, long length, int passes = 1) =>
        new(name, what, () => Forward(batch, length, AttentionMask.None, weights: false))
        {
            // Four projections and two products of attention; a backward pass has two products for each.
            Operations = passes * batch * ((8 * length * Width * Width) + (4 * length * length * Width)),
        };

    private static Action Forward(long batch, long length, AttentionMask mask, bool weights)
    {
        var attention = Module(training: false);
        var input = randn(batch, length, Width);
        return () =>
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            attention.call(input, mask: mask, needWeights: weights, averageWeights: weights);
        };
    }

    private static Action ForwardAndBackward(long batch, long length)
    {
        var attention = Module(training: true);
        var input = randn([batch, length, Width], requires_grad: true);
        return () =>
        {
            using var scope = NewDisposeScope();
            attention.zero_grad();
            input.grad = null!;
            attention.call(input).Output.sum().backward();
        };
    }

    private static Action Cross(long batch, long queries, long keys)
    {
        var attention = Module(training: false);
        var (query, key) = (randn(batch, queries, Width), randn(batch, keys, Width));
        return () =>
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            attention.call(query, key);
        };
    }

    private static Action Additive(long batch, long steps, long length, long width, bool atOnce)
    {
        var attention = new ScoredAttention(new AdditiveScore(width, width, width));
        var queries = randn(batch, steps, width);
        var source = randn(batch, length, width);
        var lengths = arange(batch).remainder(length / 2).add(length / 2);
        var mask = AttentionMask.FromLengths(lengths);
        return () =>
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            using var prepared = attention.Prepare(source, source, mask);
            if (atOnce)
            {
                attention.Attend(queries, prepared);
                return;
            }
            for (var step = 0L; step < steps; step++)
            {
                using var stepScope = NewDisposeScope();
                attention.Attend(queries.select(1, step), prepared);
            }
        };
    }

    private static MultiHeadAttention Module(bool training)
    {
        var module = new MultiHeadAttention(Width, Heads);
        module.train(training);
        return module;
    }
}
