using ContextAware.Interop;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

public sealed class KeyMapTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("h.*.ln.weight", "layers.*.norm.weight", "h.12.ln.weight", "layers.12.norm.weight")]
    [InlineData("h.*.ln.weight", "layers.*.norm.weight", "h.1.2.ln.weight", "h.1.2.ln.weight")]
    [InlineData("h.*.ln.weight", "layers.*.norm.weight", "hx1.ln.weight", "hx1.ln.weight")]
    [InlineData("h.*.ln.weight", "layers.*.norm.weight", "h..ln.weight", "h..ln.weight")]
    [InlineData("model.**", "**", "model.a.b.c", "a.b.c")]
    [InlineData("**", "inner.**", "a.b", "inner.a.b")]
    [InlineData("**.gamma", "**.weight", "a.b.gamma", "a.b.weight")]
    [InlineData("**q.*", "**query.*", "q.bias", "query.bias")]
    [InlineData("a(b|c)+", "x", "a(b|c)+", "x")]
    [InlineData("a.b", "x", "a.b\n", "a.b\n")]
    public void Patterns_rename_what_they_match(string pattern, string replacement, string name, string expected)
    {
        var mapped = KeyMap.Empty.Rename(pattern, replacement).Apply(Weights((name, ones(1))));
        Assert.Equal([expected], mapped.Entries.Keys);
        Assert.Equal(1f, mapped.Read(expected).item<float>());
    }

    [Fact]
    public void Names_can_be_exchanged()
    {
        var mapped = KeyMap.Empty.Rename("*.a", "*.t").Rename("*.b", "*.a").Rename("*.t", "*.b").Apply(Weights(("1.a", ones(1)), ("1.b", ones(2))));
        Assert.Equal([2], mapped.Entries["1.a"].Shape);
        Assert.Equal([1], mapped.Entries["1.b"].Shape);
        var shifted = KeyMap.Empty.Rename("x*", "xx*").Apply(Weights(("xa", ones(1)), ("xxa", ones(2))));
        Assert.Equal([1], shifted.Entries["xxa"].Shape);
        Assert.Equal([2], shifted.Entries["xxxa"].Shape);
    }

    [Fact]
    public void Three_projections_are_packed_into_one_and_split_again()
    {
        var (q, k, v) = (rand(4, 3), rand(2, 3), rand(2, 3));
        var packed = KeyMap.Empty.Pack("**in.weight", "**q.weight", "**k.weight", "**v.weight")
            .Apply(Weights(("l.0.q.weight", q), ("l.0.k.weight", k), ("l.0.v.weight", v), ("l.1.q.weight", q)));
        Assert.Equal(["l.0.in.weight", "l.1.q.weight"], packed.Entries.Keys.Order());
        Assert.Equal([8, 3], packed.Entries["l.0.in.weight"].Shape);
        TensorAssert.Equal(cat([q, k, v], 0), packed.Read("l.0.in.weight"));

        var split = KeyMap.Empty.Split("**in.weight", "**a", "**b").Apply(packed);
        Assert.Equal([4, 3], split.Entries["l.0.b"].Shape);
        TensorAssert.Equal(q, split.Read("l.0.a"));
        TensorAssert.Equal(cat([k, v], 0), split.Read("l.0.b"));
    }

    [Fact]
    public void Shares_may_be_unequal()
    {
        var packed = rand(16, 3);
        var split = KeyMap.Empty.Split("in", ("q", 6), ("k", 1), ("v", 1)).Apply(Weights(("in", packed)));
        TensorAssert.Equal(packed.narrow(0, 0, 12), split.Read("q"));
        TensorAssert.Equal(packed.narrow(0, 12, 2), split.Read("k"));
        TensorAssert.Equal(packed.narrow(0, 14, 2), split.Read("v"));
        Assert.Throws<ArgumentOutOfRangeException>("targets", () => KeyMap.Empty.Split("in", ("q", 0)));
    }

    [Fact]
    public void A_matrix_is_transposed_and_a_tied_one_is_copied()
    {
        var weight = rand(2, 5);
        var mapped = KeyMap.Empty.Transpose("*.weight").Copy("*.weight", "head.*").Apply(Weights(("c.weight", weight)));
        Assert.Equal([5, 2], mapped.Entries["c.weight"].Shape);
        TensorAssert.Equal(weight.t(), mapped.Read("c.weight"));
        Assert.True(mapped.Read("c.weight").is_contiguous());
        TensorAssert.Equal(weight.t(), mapped.Read("head.c"));
    }

    [Fact]
    public void What_is_ignored_is_gone() =>
        Assert.Equal(["keep"], KeyMap.Empty.Ignore("**.inv_freq").Apply(Weights(("a.inv_freq", ones(1)), ("keep", ones(1)))).Entries.Keys);

    [Fact]
    public void Maps_are_joined_in_order_and_never_change()
    {
        var first = KeyMap.Empty.Rename("a", "b");
        var both = first.Then(KeyMap.Empty.Rename("b", "c"));
        Assert.Equal(["b"], first.Apply(Weights(("a", ones(1)))).Entries.Keys);
        Assert.Equal(["c"], both.Apply(Weights(("a", ones(1)))).Entries.Keys);
    }

    [Fact]
    public void Reading_converts_the_type() =>
        TensorAssert.Type(ScalarType.Float64, KeyMap.Empty.Apply(Weights(("a", ones(1)))).Read("a", ScalarType.Float64));

    [Fact]
    public void Nothing_is_left_behind_by_reading()
    {
        var mapped = KeyMap.Empty.Transpose("a").Pack("p", "a", "b").Split("p", "x", "y").Apply(Weights(("a", ones(2, 4)), ("b", ones(4, 2))));
        LeakCheck.Tensors(() => mapped.Read("y").Dispose());
    }

    [Fact]
    public void Bad_maps_are_refused_with_both_sides()
    {
        AssertRefused("'a.*' has 1 wildcards, but 'b' has 0", () => KeyMap.Empty.Rename("a.*", "b"));
        AssertRefused("'a.*' has 1 wildcards, but 'b' has 0", () => KeyMap.Empty.Copy("a.*", "b"));
        AssertRefused("'a.*' has 1 wildcards, but '*.**' has 2", () => KeyMap.Empty.Pack("a.*", "*.**"));
        AssertRefused("'a.*' has 1 wildcards, but 'b' has 0", () => KeyMap.Empty.Split("a.*", "b"));
        AssertRefused("At least one part", () => KeyMap.Empty.Pack("a"));
        Assert.ThrowsAny<ArgumentException>(() => KeyMap.Empty.Ignore(""));
    }

    [Fact]
    public void Weights_that_a_map_can_not_change_are_refused_by_name()
    {
        AssertRefused("Two tensors would get the name 'b'", () => KeyMap.Empty.Rename("a", "b").Apply(Weights(("a", ones(1)), ("b", ones(1)))));
        AssertRefused("'a' of shape [1, 2, 3] can't be transposed", () => KeyMap.Empty.Transpose("a").Apply(Weights(("a", ones(1, 2, 3)))));
        AssertRefused("'a' of shape [7, 2] can't be split into 3", () => KeyMap.Empty.Split("a", "q", "k", "v").Apply(Weights(("a", ones(7, 2)))));
        AssertRefused("'a' of shape [] has no rows", () => KeyMap.Empty.Split("a", "q").Apply(Weights(("a", tensor(1f)))));
        AssertRefused("'p' can't be packed from parts of Float32 [2, 3] and Float32 [2, 4]",
            () => KeyMap.Empty.Pack("p", "a", "b").Apply(Weights(("a", ones(2, 3)), ("b", ones(2, 4)))));
    }

    [Fact]
    public void An_unknown_name_is_refused() =>
        Assert.Throws<KeyNotFoundException>(() => KeyMap.Empty.Apply(Weights(("a", ones(1)))).Read("b"));

    private static MemoryWeights Weights(params (string Name, Tensor Tensor)[] tensors) =>
        new(tensors.ToDictionary(pair => pair.Name, pair => pair.Tensor));

    private static void AssertRefused(string fragment, Func<object> action) =>
        Assert.Contains(fragment, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
}
