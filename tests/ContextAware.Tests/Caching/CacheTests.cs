using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Caching;

/// <summary>Caches against lists, over random sequences of operations.</summary>
public class CacheTests
{
    [Fact]
    public void After_a_reset_a_cache_follows_its_model_to_another_device()
    {
        Assert.SkipUnless(cuda.is_available(), "No CUDA device is available.");
        FollowAfterReset(ScalarType.Float32, CUDA);
    }

    [Fact]
    public void After_a_reset_a_cache_follows_its_model_to_another_type() => FollowAfterReset(ScalarType.Float64, CPU);

    [Fact]
    public void A_growing_cache_holds_what_a_list_holds() => RandomCases.Run(25, c =>
        Compare(c, new GrowingCache(c.Pick("initial", 1L, 2, 64)), long.MaxValue, mayChangeBatch: true));

    [Fact]
    public void A_fixed_cache_holds_what_a_list_holds() => RandomCases.Run(25, c =>
    {
        var capacity = c.Pick("capacity", 5L, 20, 200);
        Compare(c, new FixedCache(capacity), capacity, mayChangeBatch: false);
    });

    [Fact]
    public void A_sliding_window_holds_the_end_of_what_a_list_holds() => RandomCases.Run(30, c =>
    {
        var window = c.Pick("window", 1L, 2, 3, 7, 50);
        var batch = (int)c.Size("B", 3);
        var groups = c.Size("G", 3);
        using var cache = new SlidingWindowCache(window);
        var naive = new NaiveCache(batch);
        for (var step = 0; step < 30; step++)
        {
            switch (c.Random.Next(10))
            {
                case 0:
                    cache.Reset();
                    naive = new NaiveCache(batch);
                    break;
                case 1 when naive.Length > 0:
                    var rows = Rows(c, batch, batch);
                    cache.Reorder(tensor(rows));
                    naive.Reorder(rows);
                    break;
                case 2 when naive.Length > 0:
                    var length = Math.Max(0, naive.Length - c.Random.Next(3));
                    try
                    {
                        cache.Truncate(length);
                        for (var b = 0; b < batch; b++)
                            naive.Truncate(b, length);
                    }
                    catch (InvalidOperationException)
                    {
                        Assert.True(naive.Length > window, "Nothing had been given up.");
                    }
                    break;
                default:
                    var steps = c.Random.Next(8) == 0 ? c.Random.Next(1, 120) : c.Random.Next(0, 4);
                    var past = Math.Min(naive.Length, window - 1);
                    using (Mode(c))
                        Append(c, cache, naive, groups, steps, past + steps);
                    break;
            }
            Assert.Equal(naive.Length, cache.Length);
        }
    });

    [Fact]
    public void The_lengths_of_rows_that_a_caller_has_kept_stay()
    {
        using var scope = NewDisposeScope();
        using var cache = new GrowingCache();
        Append(5);
        cache.TruncateRows(3, 2);
        var before = cache.RowLengths!;
        Append(2);
        Assert.Equal([5, 4], cache.RowLengths);
        cache.TruncateRows([.. before]);
        Assert.Equal(3, cache.Length);
        Assert.Equal([3, 2], cache.RowLengths);

        void Append(long steps) => cache.Append(randn(2, 1, steps, 4), randn(2, 1, steps, 4));
    }

    [Fact]
    public void Caches_of_a_stack_go_back_together_or_not_at_all()
    {
        using var scope = NewDisposeScope();
        var made = 0;
        using var cache = new StackCache(2, () => made++ == 0 ? new GrowingCache() : new SlidingWindowCache(3));
        for (var step = 0; step < 9; step++)
            Append(1);
        Assert.Throws<InvalidOperationException>(() => cache.Truncate(3));
        Assert.Equal((9, 9), (cache[0].Self.Length, cache[1].Self.Length));

        void Append(long steps)
        {
            for (var layer = 0; layer < 2; layer++)
                cache[layer].Self.Append(randn(1, 1, steps, 4), randn(1, 1, steps, 4));
        }
    }

    [Fact]
    public void Caches_of_a_stack_change_rows_together_or_not_at_all()
    {
        using var scope = NewDisposeScope();
        var made = 0;
        using var cache = new StackCache(2, () => made++ == 0 ? new GrowingCache() : new FixedCache(4));
        for (var layer = 0; layer < 2; layer++)
            cache[layer].Self.Append(randn(2, 1, 1, 4), randn(2, 1, 1, 4));
        Assert.Throws<InvalidOperationException>(() => cache.Reorder(tensor(new long[] { 0, 0, 1 })));
        var (key, _) = cache[0].Self.Append(randn(2, 1, 1, 4), randn(2, 1, 1, 4));
        Assert.Equal(2, key.size(0));
    }

    private static void FollowAfterReset(ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var cache in new KeyValueCache[] { new GrowingCache(), new FixedCache(8), new SlidingWindowCache(3) })
        {
            using (cache)
            {
                cache.Append(ones(1, 2, 3, 4), ones(1, 2, 3, 4));
                cache.Reset();
                var (key, value) = cache.Append(full([1, 2, 3, 4], 2.0, type, device), full([1, 2, 3, 4], 3.0, type, device));
                Assert.Equal((type, type, device.type, device.type), (key.dtype, value.dtype, key.device_type, value.device_type));
                Assert.Equal((48.0, 72.0), (key.sum().to(ScalarType.Float64).item<double>(), value.sum().to(ScalarType.Float64).item<double>()));
            }
        }
    }

    private static void Compare(RandomCase c, ContiguousCache cache, long capacity, bool mayChangeBatch)
    {
        using var owned = cache;
        var batch = (int)c.Size("B", 5);
        var groups = c.Size("G", 3);
        var naive = new NaiveCache(batch);
        for (var step = 0; step < 30; step++)
        {
            switch (c.Random.Next(12))
            {
                case 0:
                    cache.Reset();
                    naive = new NaiveCache(naive.Rows.Length);
                    break;
                case 1 when naive.Length > 0:
                    var length = c.Random.NextInt64(naive.Length + 1);
                    cache.Truncate(length);
                    for (var b = 0; b < naive.Rows.Length; b++)
                        naive.Truncate(b, length);
                    break;
                case 2 when naive.Length > 0:
                    var lengths = naive.Rows.Select(row => c.Random.NextInt64(row.Count + 1)).ToArray();
                    cache.TruncateRows(lengths);
                    for (var b = 0; b < lengths.Length; b++)
                        naive.Truncate(b, lengths[b]);
                    break;
                case 3 when naive.Length > 0:
                    var rows = Rows(c, naive.Rows.Length, mayChangeBatch ? c.Random.Next(1, 6) : naive.Rows.Length);
                    cache.Reorder(tensor(rows));
                    naive.Reorder(rows);
                    break;
                default:
                    var steps = c.Random.Next(8) == 0 ? c.Random.Next(1, 60) : c.Random.Next(0, 4);
                    if (naive.Length + steps > capacity)
                        Assert.Throws<InvalidOperationException>(() => cache.Append(Zeros(naive, groups, steps, 2), Zeros(naive, groups, steps, 3)));
                    else
                        using (Mode(c))
                            Append(c, cache, naive, groups, steps, naive.Length + steps);
                    break;
            }
            Assert.Equal(naive.Length, cache.Length);
            Assert.Equal(naive.Rows.Any(row => row.Count != naive.Length) ? naive.Rows.Select(row => (long)row.Count) : null, cache.RowLengths);
        }
    }

    // Appends to both, and compares what comes back: the last `expected` positions of each row.
    private static void Append(RandomCase c, KeyValueCache cache, NaiveCache naive, long groups, int steps, long expected)
    {
        using var scope = NewDisposeScope();
        var batch = naive.Rows.Length;
        var numbers = new double[batch, steps];
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < steps; t++)
                numbers[b, t] = c.Random.Next(1, 1_000_000);
        var (key, value) = Tensors(numbers, groups);
        if (is_grad_enabled())
            (key, value) = (key.requires_grad_(), value.requires_grad_());
        var mask = steps == 0 ? AttentionMask.Causal : cache.Combine(AttentionMask.Causal, steps);
        var (allKeys, allValues) = cache.Append(key, value);
        naive.Append(numbers);
        TensorAssert.Shape([batch, groups, expected, 2], allKeys);
        TensorAssert.Shape([batch, groups, expected, 3], allValues);
        Assert.Equal(is_grad_enabled(), allKeys.requires_grad);
        var (k, v) = (TensorArrays.Hypercube(allKeys.detach()), TensorArrays.Hypercube(allValues.detach()));
        var start = naive.Length - expected;
        for (var b = 0; b < batch; b++)
            for (var g = 0; g < groups; g++)
                for (var s = start; s < naive.Rows[b].Count; s++)
                    for (var e = 0; e < 2; e++)
                    {
                        Assert.Equal(naive.Rows[b][(int)s] + g, k[b, g, s - start, e]);
                        Assert.Equal(-naive.Rows[b][(int)s] - g, v[b, g, s - start, e + 1]);
                    }
        CheckMask(mask, (cache as SlidingWindowCache)?.Window ?? long.MaxValue, naive, steps, expected);
    }

    // What the cache makes of a causal mask: the t-th of the last queries of row b sees all keys up to its own position, within the window.
    private static void CheckMask(AttentionMask mask, long window, NaiveCache naive, int steps, long expected)
    {
        var batch = naive.Rows.Length;
        var hidden = mask.ToTensor(batch, 1, steps, expected, CPU);
        var seen = (hidden ?? ones(1, 1, 1, 1, dtype: ScalarType.Bool)).expand(batch, 1, steps, expected);
        var allowed = TensorArrays.Booleans(seen);
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < steps; t++)
                for (var s = 0; s < expected; s++)
                {
                    var position = s + naive.Length - expected;
                    var own = naive.Rows[b].Count - steps + t;
                    Assert.Equal(position <= own && own - position < window, allowed[b, 0, t, s]);
                }
    }

    private static (Tensor Key, Tensor Value) Tensors(double[,] numbers, long groups)
    {
        var column = tensor(numbers).unsqueeze(1).unsqueeze(-1) + arange(groups, ScalarType.Float64).view(1, -1, 1, 1);   // [B, G, T, 1]
        return (column.expand(-1, -1, -1, 2).contiguous(), -column.expand(-1, -1, -1, 3).contiguous());
    }

    private static Tensor Zeros(NaiveCache naive, long groups, long steps, long width) =>
        zeros(naive.Rows.Length, groups, steps, width, dtype: ScalarType.Float64);

    private static long[] Rows(RandomCase c, int batch, int count) => [.. Enumerable.Range(0, count).Select(_ => c.Random.NextInt64(batch))];

    private static IDisposable? Mode(RandomCase c) => c.Random.Next(4) switch
    {
        0 => inference_mode(),
        1 or 2 => no_grad(),
        _ => null,
    };
}
