using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Caching;

/// <summary>Attention step by step with a cache equals attention in one masked pass.</summary>
public sealed class CachedDecodingTests : IDisposable
{
    private const long Width = 24;
    private const long HeadCount = 6;
    private const long Length = 19;
    private const long Window = 5;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable quiet = no_grad();

    public static TheoryData<string, string, string> Combinations { get; } = [.. from cache in new[] { "growing", "fixed", "sliding" }
        from position in new[] { "none", "interleaved", "halves", "alibi", "relative", "extra keys", "extra keys and alibi" }
        from chunks in new[] { "1", "7,1,1,3,7", "19", "2" }
        select new TheoryDataRow<string, string, string>(cache, position, chunks)];

    public void Dispose()
    {
        quiet.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Every_cache_and_position_agrees_with_one_pass(string cacheKind, string positionKind, string chunks)
    {
        var attention = Attention(positionKind);
        var bias = Bias(positionKind);
        var x = randn(2, Length, Width);
        using KeyValueCache cache = cacheKind switch { "growing" => new GrowingCache(4), "fixed" => new FixedCache(Length), _ => new SlidingWindowCache(Window) };
        var whole = cacheKind == "sliding" ? AttentionMask.Causal & AttentionMask.SlidingWindow(Window - 1) : AttentionMask.Causal;
        var expected = attention.call(x, mask: whole, bias: bias?.Invoke(x, Length)).Output;
        TensorAssert.Close(expected, Decode(attention, bias, x, cache, [.. Chunks(chunks)]), 1e-5, 1e-5);
        // Once more in the same memory, after going back.
        cache.Reset();
        TensorAssert.Close(expected, Decode(attention, bias, x, cache, [.. Chunks(chunks)]), 1e-5, 1e-5);
    }

    [Fact]
    public void A_continuation_that_was_taken_back_leaves_no_trace()
    {
        var attention = Attention("halves");
        var x = randn(2, Length, Width);
        using var cache = new GrowingCache();
        var expected = Decode(attention, null, x, cache, [Length]);
        cache.Reset();
        var first = Decode(attention, null, x.narrow(1, 0, 8), cache, [8]);
        Decode(attention, null, randn(2, 4, Width), cache, [3, 1]);
        cache.Truncate(8);
        TensorAssert.Close(expected, cat([first, Decode(attention, null, x.narrow(1, 8, Length - 8), cache, [1])], 1), 1e-5, 1e-5);
    }

    [Fact]
    public void Beams_go_on_from_the_rows_they_chose()
    {
        var attention = Attention("interleaved");
        var (x, next) = (randn(3, 6, Width), randn(4, 1, Width));
        var rows = tensor(new long[] { 2, 0, 0, 1 });
        using var cache = new GrowingCache();
        Decode(attention, null, x, cache, [6]);
        cache.Reorder(rows);
        var expected = attention.call(cat([x.index_select(0, rows), next], 1), mask: AttentionMask.Causal).Output.narrow(1, 6, 1);
        TensorAssert.Close(expected, Decode(attention, null, next, cache, [1]), 1e-5, 1e-5);
    }

    [Fact]
    public void Rows_of_unequal_length_decode_as_each_alone()
    {
        var attention = Attention("none");
        long[] lengths = [3, 7, 5];
        var x = randn(3, 7 + 4, Width);
        using var cache = new GrowingCache();
        attention.call(x.narrow(1, 0, 7), mask: AttentionMask.Causal, cache: cache);   // Prompts, padded at their ends.
        cache.TruncateRows(lengths);
        var steps = x.narrow(1, 7, 4);
        var together = cat([StepRows(steps.narrow(1, 0, 1)), StepRows(steps.narrow(1, 1, 3))], 1);
        for (var b = 0; b < 3; b++)
        {
            var alone = cat([x[b].narrow(0, 0, lengths[b]), steps[b]], 0).unsqueeze(0);
            var expected = attention.call(alone, mask: AttentionMask.Causal).Output[0].narrow(0, lengths[b], 4);
            TensorAssert.Close(expected, together[b], 1e-5, 1e-5);
        }

        Tensor StepRows(Tensor step) => attention.call(step, mask: AttentionMask.Causal, cache: cache).Output;
    }

    [Fact]
    public void What_a_row_sees_of_its_own_steps_does_not_depend_on_other_rows()
    {
        var attention = Attention("none");
        var (prompt, steps) = (randn(2, 3, Width), randn(2, 2, Width));
        foreach (var mask in new[] { AttentionMask.None, AttentionMask.SlidingWindow(1, 1), AttentionMask.Causal })
        {
            using var cache = new GrowingCache();
            attention.call(prompt, cache: cache);
            cache.TruncateRows(3, 2);
            var together = attention.call(steps, mask: mask, cache: cache).Output;
            for (var b = 0; b < 2; b++)
            {
                var alone = cat([prompt[b].narrow(0, 0, 3 - b), steps[b]], 0).unsqueeze(0);
                TensorAssert.Close(attention.call(alone, mask: mask).Output[0].narrow(0, 3 - b, 2), together[b], 1e-5, 1e-5, $"{mask.Name} {b}");
            }
        }
    }

    [Fact]
    public void Gradients_of_the_queries_alone_and_of_the_bias_alone_flow_over_several_steps()
    {
        quiet.Dispose();
        using var training = enable_grad();
        var attention = new MultiHeadAttention(Width, HeadCount, new() { KeyWidth = Width + 1, ValueWidth = Width + 2 });
        var (x, keys, values) = (randn(1, 3, Width), randn(1, 3, Width + 1), randn(1, 3, Width + 2));
        var bias = randn(HeadCount, 3, 3).unsqueeze(0);
        foreach (var parameter in attention.parameters())
            parameter.requires_grad_(false);
        var query = attention.get_parameter("q_proj_weight")!;
        foreach (var learned in new[] { query, bias })
        {
            learned.requires_grad_(true);
            attention.call(x, keys, values, AttentionMask.Causal, bias).Output.sum().backward();
            var expected = learned.grad!.clone();
            learned.grad!.zero_();
            foreach (var cache in new KeyValueCache[] { new GrowingCache(), new SlidingWindowCache(3) })
            {
                using (cache)
                    cat([.. Enumerable.Range(0, 3).Select(t => Step(cache, t))], 1).sum().backward();
                TensorAssert.Close(expected, learned.grad!, 1e-4, 1e-5, cache.GetType().Name);
                learned.grad!.zero_();
            }
            learned.requires_grad_(false);
        }

        Tensor Step(KeyValueCache cache, long t) => attention.call(
            x.narrow(1, t, 1), keys.narrow(1, t, 1), values.narrow(1, t, 1), AttentionMask.Causal, bias.narrow(2, t, 1).narrow(3, 0, t + 1), cache: cache).Output;
    }

    [Fact]
    public void No_steps_at_all_are_none_with_a_cache_too()
    {
        var attention = Attention("halves");
        foreach (var cache in new KeyValueCache[] { new GrowingCache(), new FixedCache(4), new SlidingWindowCache(2) })
        {
            using (cache)
            {
                attention.call(randn(2, 3, Width), mask: AttentionMask.Causal, cache: cache);
                TensorAssert.Shape([2, 0, Width], attention.call(randn(2, 0, Width), mask: AttentionMask.Causal, cache: cache).Output);
                Assert.Equal(3, cache.Length);
            }
        }
    }

    [Fact]
    public void Bfloat16_decodes_with_rotary_positions()
    {
        var attention = new MultiHeadAttention(16, 2, new() { Positions = new RotaryEmbedding(8) }).to(ScalarType.BFloat16);
        var x = randn(1, 4, 16).to(ScalarType.BFloat16);
        using var cache = new GrowingCache();
        var steps = cat([.. Enumerable.Range(0, 4).Select(t => attention.call(x.narrow(1, t, 1), mask: AttentionMask.Causal, cache: cache).Output)], 1);
        TensorAssert.Close(attention.call(x, mask: AttentionMask.Causal).Output.to(ScalarType.Float32), steps.to(ScalarType.Float32), 0.05, 0.05);
    }

    [Fact]
    public void A_source_is_projected_once()
    {
        var attention = Attention("none");
        var (source, x) = (randn(2, 7, Width), randn(2, 3, Width));
        using var cache = new CrossAttentionCache();
        var expected = attention.call(x, source).Output;
        TensorAssert.Close(expected.narrow(1, 0, 1), attention.call(x.narrow(1, 0, 1), source, cache: cache).Output, 1e-5, 1e-5);
        // Another source now: it is not looked at.
        TensorAssert.Close(expected.narrow(1, 1, 2), attention.call(x.narrow(1, 1, 2), zeros(2, 7, Width), cache: cache).Output, 1e-5, 1e-5);
    }

    private static Tensor Decode(MultiHeadAttention attention, Func<Tensor, long, Tensor>? bias, Tensor x, KeyValueCache cache, long[] chunks)
    {
        var outputs = new List<Tensor>();
        var at = 0L;
        for (var i = 0; at < x.size(1); i++)
        {
            var length = Math.Min(chunks[i % chunks.Length], x.size(1) - at);
            var chunk = x.narrow(1, at, length);
            var keys = cache is SlidingWindowCache sliding ? Math.Min(cache.Length, sliding.Window - 1) + length : cache.Length + length;
            var mask = AttentionMask.Causal & cache.Mask(length);
            outputs.Add(attention.call(chunk, mask: mask, bias: bias?.Invoke(chunk, keys), cache: cache).Output);
            at += length;
        }
        return cat([.. outputs], 1);
    }

    private static MultiHeadAttention Attention(string position) => new(Width, HeadCount, new()
    {
        KeyValueHeads = 3,
        AddKeyValueBias = position.StartsWith("extra", StringComparison.Ordinal),
        AddZeroAttention = position.StartsWith("extra", StringComparison.Ordinal),
        Positions = position switch
        {
            "interleaved" => new RotaryEmbedding(Width / HeadCount, layout: PairLayout.Interleaved),
            "halves" => new RotaryEmbedding(Width / HeadCount, layout: PairLayout.Halves),
            _ => null,
        },
    });

    private static Func<Tensor, long, Tensor>? Bias(string position) => position switch
    {
        "alibi" or "extra keys and alibi" => new AlibiBias(HeadCount).call,
        "relative" => new RelativeBias(HeadCount, bidirectional: false, maximumDistance: 40).call,
        _ => null,
    };

    private static IEnumerable<long> Chunks(string text) => text.Split(',').Select(long.Parse);
}
