using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Transformers;

/// <summary>A stack that decodes step by step with its caches equals one masked pass.</summary>
public sealed class CachedStackTests : IDisposable
{
    private const long Width = 16, HeadCount = 4, Length = 11, Window = 4;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable quiet = no_grad();

    public static TheoryData<string, string, string, string> Combinations { get; } = [.. from cache in new[] { "growing", "fixed", "sliding" }
        from position in new[] { "none", "interleaved", "halves", "alibi", "causal alibi", "relative", "shaw" }
        from mask in new[] { "causal", "window", "blocks", "padding", "boolean", "lengths", "lengths tensor", "offset", "offsets", "documents" }
        from chunks in new[] { "1", "3,1,5,2", "11" }
        select new TheoryDataRow<string, string, string, string>(cache, position, mask, chunks)];

    public void Dispose()
    {
        quiet.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Every_cache_position_and_mask_agrees_with_one_pass(string cacheKind, string position, string maskKind, string chunks)
    {
        var decoder = Decoder(position);
        var (x, memory) = (randn(2, Length, Width), randn(2, 5, Width));
        var memoryMask = AttentionMask.FromLengths(3, 5);
        using var cache = Cache(cacheKind);
        var whole = Mask(maskKind, 0, Length);
        if (cacheKind == "sliding")
            whole &= AttentionMask.SlidingWindow(Window - 1);
        var expected = decoder.call(x, memory, whole, memoryMask, StackWeights.LastLayer);
        var result = Decode(decoder, x, memory, memoryMask, maskKind, cache, chunks);
        TensorAssert.Close(expected.Output, result.Output, 1e-5, 1e-5);
        TensorAssert.Close(expected.CrossWeights[0], result.CrossWeights, 1e-5, 1e-5);
        cache.Reset();          // once more in the same memory
        TensorAssert.Close(expected.Output, Decode(decoder, x, memory, memoryMask, maskKind, cache, chunks).Output, 1e-5, 1e-5);
    }

    [Theory]
    [InlineData("none", "causal")]
    [InlineData("interleaved", "causal")]
    [InlineData("halves", "causal")]
    [InlineData("alibi", "causal")]
    [InlineData("causal alibi", "causal")]
    [InlineData("relative", "causal")]
    [InlineData("shaw", "causal")]
    [InlineData("halves", "window")]
    [InlineData("none", "blocks")]
    public void Rows_of_unequal_length_decode_as_each_alone(string position, string maskKind)
    {
        var options = Options(position);
        var model = new EncoderLayers(2, Width, HeadCount, options, Bias(position));
        model.eval();
        var mask = Mask(maskKind, 0, 6);
        long[] lengths = [3, 6, 4];
        var x = randn(3, 6 + 4, Width);
        using var cache = new StackCache(2, () => new GrowingCache());
        model.call(x.narrow(1, 0, 6), mask, cache: cache);     // prompts, padded at their ends
        for (var layer = 0; layer < 2; layer++)
            ((GrowingCache)cache[layer].Self).TruncateRows(lengths);
        var steps = x.narrow(1, 6, 4);
        var together = cat([Step(0, 1), Step(1, 3)], 1);
        for (var b = 0; b < 3; b++)
        {
            var alone = cat([x[b].narrow(0, 0, lengths[b]), steps[b]], 0).unsqueeze(0);
            var expected = model.call(alone, mask).Output[0].narrow(0, lengths[b], 4);
            TensorAssert.Close(expected, together[b], 1e-5, 1e-5, $"row {b}");
        }

        Tensor Step(long start, long count) => model.call(steps.narrow(1, start, count), mask, cache: cache).Output;
    }

    [Fact]
    public void Beams_go_on_from_the_rows_they_chose_and_a_continuation_taken_back_leaves_no_trace()
    {
        var decoder = Decoder("halves");
        var (x, next, memory) = (randn(3, 6, Width), randn(4, 2, Width), randn(3, 5, Width));
        var rows = tensor(new long[] { 2, 0, 0, 1 });
        using var cache = Cache("growing");
        decoder.call(x, memory, AttentionMask.Causal, cache: cache);
        decoder.call(randn(3, 2, Width), memory, AttentionMask.Causal, cache: cache);
        Assert.Equal(8, cache.Length);
        cache.Truncate(6);
        cache.Reorder(rows);
        var expected = decoder.call(cat([x.index_select(0, rows), next], 1), memory.index_select(0, rows), AttentionMask.Causal).Output;
        TensorAssert.Close(expected.narrow(1, 6, 2), decoder.call(next, memory, AttentionMask.Causal, cache: cache).Output, 1e-5, 1e-5);
    }

    [Fact]
    public void Gradients_flow_through_the_caches()
    {
        quiet.Dispose();
        using var training = enable_grad();
        var decoder = Decoder("relative");
        var (x, memory) = (randn(1, 4, Width), randn(1, 3, Width));
        var weights = randn(1, 4, Width);
        Tensor[] Gradients(Tensor output)
        {
            decoder.zero_grad();
            (output * weights).sum().backward();
            return [.. decoder.parameters().Select(parameter => parameter.grad!.clone())];
        }
        var expected = Gradients(decoder.call(x, memory, AttentionMask.Causal).Output);
        using var cache = Cache("growing");
        var actual = Gradients(cat([.. Enumerable.Range(0, 4).Select(t => decoder.call(x.narrow(1, t, 1), memory, AttentionMask.Causal, cache: cache).Output)], 1));
        for (var i = 0; i < expected.Length; i++)
            TensorAssert.Close(expected[i], actual[i], 1e-4, 1e-5, $"gradient {i}");
    }

    [Fact]
    public void A_step_that_is_refused_leaves_the_caches_as_they_were()
    {
        var decoder = Decoder("none");
        var (x, memory) = (randn(2, 3, Width), randn(2, 5, Width));
        using var cache = Cache("growing");
        Assert.Throws<ArgumentException>(() => decoder.call(x, randn(3, 5, Width), AttentionMask.Causal, cache: cache));
        Assert.Equal((0, 0), (cache[0].Self.Length, cache[1].Self.Length));
        var first = decoder.call(x.narrow(1, 0, 2), memory, AttentionMask.Causal, cache: cache).Output;
        Assert.Throws<ArgumentException>(() => decoder.call(x.narrow(1, 2, 1), memory, AttentionMask.Causal, AttentionMask.FromLengths(1, 2, 3), cache: cache));
        Assert.Equal((2, 2), (cache[0].Self.Length, cache[1].Self.Length));
        var steps = cat([first, decoder.call(x.narrow(1, 2, 1), memory, AttentionMask.Causal, cache: cache).Output], 1);
        TensorAssert.Close(decoder.call(x, memory, AttentionMask.Causal).Output, steps, 1e-5, 1e-5);
    }

    private static (Tensor Output, Tensor CrossWeights) Decode(
        DecoderLayers decoder, Tensor x, Tensor memory, AttentionMask memoryMask, string maskKind, StackCache cache, string chunks)
    {
        List<Tensor> outputs = [], weights = [];
        long[] lengths = [.. chunks.Split(',').Select(long.Parse)];
        var at = 0L;
        for (var i = 0; at < Length; i++)
        {
            var length = Math.Min(lengths[i % lengths.Length], Length - at);
            var result = decoder.call(x.narrow(1, at, length), memory, Mask(maskKind, at, length), memoryMask, StackWeights.LastLayer, cache);
            outputs.Add(result.Output);
            weights.Add(result.CrossWeights[0]);
            at += length;
        }
        return (cat([.. outputs], 1), cat([.. weights], 2));
    }

    /// <summary>The mask of the target positions from <paramref name="start"/> on, over all keys before their end.</summary>
    private static AttentionMask Mask(string kind, long start, long length)
    {
        switch (kind)
        {
            case "window":
                return AttentionMask.Causal & AttentionMask.SlidingWindow(2);
            case "blocks":
                return AttentionMask.Causal & AttentionMask.Blocks(3);
            case "padding":         // at the front: the first row begins two positions late, so that its first queries see nothing
                var padding = arange(start + length).lt(tensor(new long[,] { { 2 }, { 0 } }));
                return AttentionMask.Causal & AttentionMask.FromKeyPadding(padding, PaddingMeaning.TrueIsPadding);
            case "boolean":
                var (queries, keys) = (arange(start, start + length).unsqueeze(1), arange(start + length));
                return AttentionMask.FromBoolean(keys.le(queries).logical_and((queries - keys).remainder(3).ne(1)));
            case "lengths":
                return AttentionMask.Causal & AttentionMask.FromLengths(Length, 8);
            case "lengths tensor":
                return AttentionMask.Causal & AttentionMask.FromLengths(tensor(new[] { 9, Length }));
            case "offset":
                return AttentionMask.CausalFrom(start) & AttentionMask.SlidingWindowFrom(start, 2);
            case "offsets":
                var offsets = tensor(new[] { start, start - 1 });
                return AttentionMask.CausalFrom(offsets) & AttentionMask.SlidingWindowFrom(offsets, 2, 1);
            case "documents":
                var ids = arange(start + length).div(4, RoundingMode.floor).to(ScalarType.Int64).unsqueeze(0);
                return AttentionMask.Causal & AttentionMask.Documents(ids.narrow(1, start, length), ids);
            default:
                return AttentionMask.Causal;
        }
    }

    private static StackCache Cache(string kind) => new(2, () => kind switch
    {
        "growing" => new GrowingCache(4),
        "fixed" => new FixedCache(Length),
        _ => new SlidingWindowCache(Window),
    }, cross: true);

    private static DecoderLayers Decoder(string position)
    {
        var decoder = new DecoderLayers(2, Width, HeadCount, Options(position), Bias(position));
        decoder.eval();
        return decoder;
    }

    private static TransformerLayerOptions Options(string position) => new()
    {
        FeedForwardWidth = 16,
        NormFirst = true,
        Dropout = 0,
        KeyValueHeads = 2,
        RelativePositions = position == "shaw" ? width => new ShawPositions(width, 3) : null,
        Positions = position is "interleaved" or "halves"
            ? new RotaryEmbedding(4, layout: position == "halves" ? PairLayout.Halves : PairLayout.Interleaved, rotaryWidth: position == "halves" ? 2 : 4)
            : null,
    };

    private static IPositionBias? Bias(string position) => position switch
    {
        "alibi" => new AlibiBias(HeadCount),
        "causal alibi" => new AlibiBias(HeadCount, causal: true),
        "relative" => new RelativeBias(HeadCount, bidirectional: false, buckets: 8, maximumDistance: 9, deviation: 1),
        _ => null,
    };
}
