using ContextAware.Caching;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Caching;

public sealed class CacheMemoryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> Kinds { get; } = ["growing", "fixed", "sliding"];

    [Fact]
    public void A_growing_cache_takes_new_memory_seldom()
    {
        using var cache = new GrowingCache(initialCapacity: 4);
        var capacities = new HashSet<long>();
        using var quiet = no_grad();
        for (var t = 0; t < 1000; t++)
        {
            Step(cache);
            capacities.Add(cache.Capacity);
        }
        Assert.Equal([4, 8, 16, 32, 64, 128, 256, 512, 1024], capacities);
    }

    [Fact]
    public void A_fixed_cache_keeps_its_memory()
    {
        using var cache = new FixedCache(50);
        using var quiet = no_grad();
        var (first, _) = cache.Append(zeros(2, 1, 3, 2), zeros(2, 1, 3, 2));
        for (var t = 0; t < 40; t++)
            Step(cache, batch: 2);
        cache.Reorder(tensor(new long[] { 1, 1 }));
        cache.Truncate(5);
        cache.Reset();
        cache.Append(full(2, 1, 3, 2, 7f), zeros(2, 1, 3, 2));
        TensorAssert.Equal(full(2, 1, 3, 2, 7f), first); // An old view shows what was written later.
        Assert.Equal(50, cache.Capacity);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_step_writes_in_place_and_leaves_nothing_behind(string kind)
    {
        using var cache = Make(kind);
        using var quiet = no_grad();
        LeakCheck.Tensors(() => Step(cache), repetitions: 50);
        LeakCheck.Tensors(() =>
        {
            using var inner = NewDisposeScope();
            cache.Reset();
            cache.Append(zeros(1, 1, 20, 2), zeros(1, 1, 20, 2));
            cache.Reorder(tensor(new long[] { 0 }));
            cache.Truncate(19);
            (cache as ContiguousCache)?.TruncateRows(3);
            cache.Mask(2);
        });
        LeakCheck.Tensors(() =>
        {
            using var inner = NewDisposeScope();
            using var brief = Make(kind);
            brief.Append(zeros(2, 1, 3, 2), zeros(2, 1, 3, 2));
            (brief as ContiguousCache)?.TruncateRows(1, 2);
        });
        cache.Reset();
        var (first, _) = cache.Append(zeros(1, 1, 1, 2), zeros(1, 1, 1, 2));
        cache.Truncate(0);
        cache.Append(full(1, 1, 1, 2, 7f), zeros(1, 1, 1, 2));
        TensorAssert.Equal(full(1, 1, 1, 2, 7f), first); // the old view shows what was written later
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_flow_through_a_cache(string kind)
    {
        using var cache = Make(kind);
        var (key, value) = (randn(2, 1, 5, 2, dtype: ScalarType.Float64), randn(2, 1, 5, 3, dtype: ScalarType.Float64));
        var weights = randn(2, 1, 5, 3, dtype: ScalarType.Float64);
        GradientCheck.Function(inputs =>
        {
            cache.Reset();
            var sum = zeros(1, dtype: ScalarType.Float64);
            for (var t = 0; t < 5; t++)
            {
                var (allKeys, allValues) = cache.Append(inputs[0].narrow(2, t, 1), inputs[1].narrow(2, t, 1));
                if (t == 2)
                    cache.Reorder(tensor(new long[] { 1, 0 }));
                sum = sum + (allKeys.pow(2).sum() * allValues.mul(weights.narrow(2, 0, allValues.size(2))).sum());
            }
            return sum;
        }, key, value);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Memory_of_one_mode_serves_the_others(string kind)
    {
        using var cache = Make(kind);
        using (inference_mode())
            Step(cache);
        using (no_grad())
        {
            Step(cache);
            cache.Reorder(tensor(new long[] { 0 }));
        }
        var key = ones(1, 1, 1, 2, requires_grad: true);
        cache.Append(key, ones(1, 1, 1, 2)).Key.sum().backward();
        TensorAssert.Equal(ones(1, 1, 1, 2), key.grad!);
        using (inference_mode())
            Step(cache);
        Assert.Equal(4, cache.Length);
        using (no_grad())
            Assert.Equal(5 * 2, cache.Append(ones(1, 1, 1, 2), ones(1, 1, 1, 2)).Key.sum().item<float>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_cache_that_was_reset_serves_another_batch(string kind)
    {
        using var cache = Make(kind);
        using var quiet = no_grad();
        Step(cache, batch: 2);
        cache.Reset();
        if (kind == "fixed")
            Assert.Throws<InvalidOperationException>(() => Step(cache, batch: 3));
        else
            TensorAssert.Shape([3, 1, 1, 2], cache.Append(ones(3, 1, 1, 2), ones(3, 1, 1, 2)).Key);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void The_type_is_kept(ScalarType type)
    {
        using var cache = new GrowingCache();
        TensorAssert.Type(type, cache.Append(ones(1, 1, 1, 2, dtype: type), ones(1, 1, 1, 2, dtype: type)).Value);
    }

    [Fact]
    public void A_source_is_filled_once_and_read_afterwards()
    {
        using var cache = new CrossAttentionCache();
        Assert.Null(cache.Source);
        Assert.Equal(0, cache.Length);
        var (key, value) = (rand(2, 3, 5, 4), rand(2, 3, 5, 6));
        using (NewDisposeScope())
        {
            TensorAssert.Equal(key, cache.Append(key.transpose(0, 0), value).Key);
        }
        TensorAssert.Equal(key, cache.Source!.Value.Key);
        TensorAssert.Equal(value, cache.Source!.Value.Value);
        Assert.Equal(5, cache.Length);
        Assert.Throws<InvalidOperationException>(() => cache.Append(key, value));
        cache.Truncate(1);
        Assert.Equal(5, cache.Length);
        cache.Reorder(tensor(new long[] { 1, 0, 1 }));
        TensorAssert.Equal(key[tensor(new long[] { 1, 0, 1 })], cache.Source!.Value.Key);
        cache.Reset();
        Assert.Null(cache.Source);
        cache.Reorder(tensor(new long[] { 0 }));
        LeakCheck.Tensors(() =>
        {
            using var inner = NewDisposeScope();
            cache.Append(key, value);
            cache.Reorder(tensor(new long[] { 1 }));
            cache.Reset();
        });
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("initialCapacity", () => new GrowingCache(0));
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => new FixedCache(0));
        Assert.Throws<ArgumentOutOfRangeException>("window", () => new SlidingWindowCache(0));
        foreach (var kind in Kinds)
        {
            using var cache = Make(kind.Data);
            cache.Append(ones(2, 3, 4, 5), ones(2, 3, 4, 6));
            AssertRefused("key", "Expected [B, G, T, E], got [2, 3]", () => cache.Append(ones(2, 3), ones(2, 3, 1, 6)));
            AssertRefused("value", "Expected [2, 3, 1, V] as of the key, got [2, 3, 2, 6]", () => cache.Append(ones(2, 3, 1, 5), ones(2, 3, 2, 6)));
            AssertRefused("value", "Expected the key's type Float32, got Float64", () => cache.Append(ones(2, 3, 1, 5), ones(2, 3, 1, 6, dtype: ScalarType.Float64)));
            AssertRefused("key", "Expected Float32 [2, 3, T, 5] as before, got Float32 [1, 3, 1, 5]", () => cache.Append(ones(1, 3, 1, 5), ones(1, 3, 1, 6)));
            AssertRefused("value", "Expected Float32 [2, 3, T, 6] as before, got Float32 [2, 3, 1, 1]", () => cache.Append(ones(2, 3, 1, 5), ones(2, 3, 1, 1)));
            AssertRefused("key", "got Float64", () => cache.Append(ones(2, 3, 1, 5, dtype: ScalarType.Float64), ones(2, 3, 1, 6, dtype: ScalarType.Float64)));
            AssertRefused("rows", "Expected Int64 [B']", () => cache.Reorder(tensor(new[] { 0, 1 })));
            Assert.Throws<ArgumentOutOfRangeException>("length", () => cache.Truncate(5));
            Assert.Throws<ArgumentOutOfRangeException>("length", () => cache.Truncate(-1));
            Assert.Throws<ArgumentOutOfRangeException>("queryLength", () => cache.Mask(0));
            Assert.Equal(4, cache.Length);
            if (cache is not ContiguousCache contiguous)
                continue;
            AssertRefused("lengths", "Expected 2 lengths, got 1", () => contiguous.TruncateRows(1));
            Assert.Throws<ArgumentOutOfRangeException>("lengths", () => contiguous.TruncateRows(1, 5));
            Assert.Throws<ArgumentOutOfRangeException>("lengths", () => contiguous.TruncateRows(-1, 4));
        }
    }

    private static void AssertRefused(string argument, string fragment, Action action) =>
        Assert.Contains(fragment, Assert.Throws<ArgumentException>(argument, action).Message, StringComparison.Ordinal);

    private static KeyValueCache Make(string kind) => kind switch
    {
        "growing" => new GrowingCache(),
        "fixed" => new FixedCache(200),
        _ => new SlidingWindowCache(9),
    };

    private static void Step(KeyValueCache cache, long batch = 1)
    {
        using var inner = NewDisposeScope();
        cache.Append(ones(batch, 1, 1, 2), ones(batch, 1, 1, 2));
    }
}
