using System.Runtime.InteropServices;
using ContextAware.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Caching;

/// <summary>What callers of stacks, sources and scattered writes are told.</summary>
public sealed class CacheErrorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_scatter_that_does_not_fit_is_refused()
    {
        Tensor cache = zeros(2, 3, 4, 5), update = zeros(2, 3, 1, 5), at = zeros(2, dtype: ScalarType.Int64);
        Assert.Throws<ArgumentNullException>("cache", () => CacheFunctions.Scatter(null!, update, at));
        Assert.Throws<ArgumentNullException>("update", () => CacheFunctions.Scatter(cache, null!, at));
        Assert.Throws<ArgumentNullException>("at", () => CacheFunctions.Scatter(cache, update, null!));
        AssertRefused("cache", "Expected [B, G, C, E], got [2, 3, 4]", zeros(2, 3, 4), update, at);
        foreach (var shape in new long[][] { [2, 3, 5], [1, 3, 1, 5], [2, 1, 1, 5], [2, 3, 1, 4], [2, 3, 5, 5] })
            AssertRefused("update", $"Expected updates of up to 4 positions for a cache [2, 3, 4, 5], got [{string.Join(", ", shape)}]", cache, zeros(shape), at);
        AssertRefused("at", "Expected Int64 [2], got Int64 [3]", cache, update, zeros(3, dtype: ScalarType.Int64));
        AssertRefused("at", "Expected Int64 [2], got Int64 [2, 1]", cache, update, zeros(2, 1, dtype: ScalarType.Int64));
        AssertRefused("at", "Expected Int64 [2], got Int32 [2]", cache, update, zeros(2, dtype: ScalarType.Int32));
    }

    [Fact]
    public void Libtorch_refuses_a_scatter_beyond_the_end()
    {
        Tensor cache = zeros(2, 3, 4, 5), update = zeros(2, 3, 2, 5), at = tensor(new long[] { 2, 3 });
        Assert.Throws<ExternalException>(() => CacheFunctions.Scatter(cache, update, at));
        Assert.Equal([2, 3, 4, 5], CacheFunctions.Scatter(cache, update, at, circular: true).shape);
    }

    [Fact]
    public void A_stack_needs_layers_and_something_that_makes_their_caches()
    {
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => new StackCache(0, () => new GrowingCache()));
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => new StackCache(-1, () => new GrowingCache()));
        Assert.Throws<ArgumentNullException>("make", () => new StackCache(1, null!));
    }

    [Fact]
    public void A_target_of_a_source_has_no_negative_length()
    {
        using var cache = new CrossAttentionCache();
        Assert.Throws<ArgumentOutOfRangeException>("length", () => cache.Truncate(-1));
        cache.Append(ones(1, 2, 3, 4), ones(1, 2, 3, 4));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => cache.Truncate(-1));
        Assert.Equal(3, cache.Length);
    }

    private static void AssertRefused(string argument, string fragment, Tensor cache, Tensor update, Tensor at) =>
        Assert.Contains(fragment, Assert.Throws<ArgumentException>(argument, () => CacheFunctions.Scatter(cache, update, at)).Message, StringComparison.Ordinal);
}
