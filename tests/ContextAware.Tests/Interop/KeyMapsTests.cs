using ContextAware.Attention;
using ContextAware.Interop;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

/// <summary>Weights in others' layouts, loaded into this library's attention, give what their programs compute.</summary>
public sealed class KeyMapsTests : IDisposable
{
    private const long Width = 12;
    private const long HeadCount = 6;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable quiet = no_grad();

    public void Dispose()
    {
        quiet.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Gpt2_is_loaded_from_its_transposed_layers()
    {
        var weights = new Dictionary<string, Tensor>
        {
            ["transformer.h.0.attn.c_attn.weight"] = randn(Width, 3 * Width), ["transformer.h.0.attn.c_attn.bias"] = randn(3 * Width),
            ["transformer.h.0.attn.c_proj.weight"] = randn(Width, Width), ["transformer.h.0.attn.c_proj.bias"] = randn(Width),
            ["transformer.h.0.attn.bias"] = ones(1, 1, 8, 8), ["transformer.h.0.attn.masked_bias"] = tensor(-1e4f),
        };
        var attention = new MultiHeadAttention(Width, HeadCount);
        var model = new Nest("h", new Nest("0", new Nest("attn", attention)));
        Assert.True(model.LoadWeights(new MemoryWeights(weights), KeyMaps.Gpt2).IsExact);

        var x = randn(2, 5, Width);
        var parts = (x.matmul(weights["transformer.h.0.attn.c_attn.weight"]) + weights["transformer.h.0.attn.c_attn.bias"]).split(Width, -1);
        var expected = Attend(parts[0], parts[1], parts[2], HeadCount).matmul(weights["transformer.h.0.attn.c_proj.weight"]) + weights["transformer.h.0.attn.c_proj.bias"];
        TensorAssert.Close(expected, attention.call(x, mask: AttentionMask.Causal).Output, 1e-4, 1e-4);
    }

    [Fact]
    public void The_rest_of_Gpt2_keeps_its_names()
    {
        var names = new[] { "wte.weight", "wpe.weight", "h.3.ln_1.weight", "h.3.mlp.c_fc.weight", "h.3.mlp.c_proj.weight", "h.3.mlp.c_proj.bias", "ln_f.bias" };
        var mapped = KeyMaps.Gpt2.Apply(new MemoryWeights(names.ToDictionary(name => name, name => name.EndsWith("bias", StringComparison.Ordinal) ? ones(3) : ones(2, 3))));
        Assert.Equal(names.Order(), mapped.Entries.Keys.Order());
        Assert.Equal([3, 2], mapped.Entries["h.3.mlp.c_fc.weight"].Shape);
        Assert.Equal([3, 2], mapped.Entries["h.3.mlp.c_proj.weight"].Shape);
        Assert.Equal([2, 3], mapped.Entries["wte.weight"].Shape);
    }

    [Fact]
    public void Llama_is_loaded_from_its_separate_projections()
    {
        const long groups = 2, keys = Width / HeadCount * groups;
        const string attn = "model.layers.0.self_attn.";
        var weights = new Dictionary<string, Tensor>
        {
            [attn + "q_proj.weight"] = randn(Width, Width), [attn + "k_proj.weight"] = randn(keys, Width), [attn + "v_proj.weight"] = randn(keys, Width),
            [attn + "o_proj.weight"] = randn(Width, Width), [attn + "rotary_emb.inv_freq"] = randn(3),
        };
        var attention = new MultiHeadAttention(Width, HeadCount, new() { Bias = false, KeyValueHeads = groups });
        var model = new Nest("layers", new Nest("0", new Nest("self_attn", attention)));
        Assert.True(model.LoadWeights(new MemoryWeights(weights), KeyMaps.Llama).IsExact);

        var x = randn(2, 5, Width);
        Tensor Project(string name) => x.matmul(weights[attn + name].t());
        Tensor Repeat(Tensor tensor) => tensor.reshape(2, 5, groups, 1, -1).expand(-1, -1, -1, HeadCount / groups, -1).reshape(2, 5, Width);
        var expected = Attend(Project("q_proj.weight"), Repeat(Project("k_proj.weight")), Repeat(Project("v_proj.weight")), HeadCount).matmul(weights[attn + "o_proj.weight"].t());
        TensorAssert.Close(expected, attention.call(x, mask: AttentionMask.Causal).Output, 1e-4, 1e-4);

        // And back, for a Python program.
        using var folder = new TemporaryFolder();
        model.SaveWeights(folder["llama"], map: KeyMaps.SplitProjections(HeadCount, groups)
            .Rename("layers.*.self_attn.out_proj.weight", "layers.*.self_attn.o_proj.weight").Rename("**", "model.**"));
        using var file = SafetensorsFile.Open(folder["llama"]);
        weights.Remove(attn + "rotary_emb.inv_freq");
        Assert.Equal(weights.Keys.Order(), file.Entries.Keys.Order());
        foreach (var (name, tensor) in weights)
            TensorAssert.Equal(tensor, file.Read(name));
    }

    [Fact]
    public void Packing_and_splitting_are_inverse()
    {
        var attention = new MultiHeadAttention(Width, HeadCount);
        var split = KeyMaps.SplitProjections(HeadCount).Apply(new MemoryWeights(attention.state_dict()));
        Assert.Equal(["k_proj.bias", "k_proj.weight", "out_proj.bias", "out_proj.weight", "q_proj.bias", "q_proj.weight", "v_proj.bias", "v_proj.weight"], split.Entries.Keys.Order());
        var packed = KeyMaps.PackProjections.Apply(split);
        foreach (var (name, tensor) in attention.state_dict())
            TensorAssert.Equal(tensor, packed.Read(name));
        Assert.Throws<ArgumentOutOfRangeException>("heads", () => KeyMaps.SplitProjections(0));
        Assert.Throws<ArgumentOutOfRangeException>("groups", () => KeyMaps.SplitProjections(1, 0));
    }

    [Fact]
    public void Rotary_rows_change_their_layout_and_back()
    {
        var weights = new Dictionary<string, Tensor> { ["q.weight"] = arange(12).unsqueeze(1).expand(12, 3), ["q.bias"] = arange(12) };
        var halves = KeyMap.Empty.LayPairs("q.*", 6, PairLayout.Halves);
        var laid = halves.Apply(new MemoryWeights(weights));
        long[] expected = [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11];
        Assert.Equal(expected, laid.Read("q.bias").data<long>().ToArray());
        TensorAssert.Equal(tensor(expected).unsqueeze(1).expand(12, 3), laid.Read("q.weight"));
        var back = halves.LayPairs("q.*", 6, PairLayout.Interleaved).Apply(new MemoryWeights(weights));
        foreach (var (name, tensor) in weights)
            TensorAssert.Equal(tensor, back.Read(name));
        Assert.Contains("'q.weight' of shape [12, 3] has no heads of 8 rows", Assert.Throws<ArgumentException>(
            () => KeyMap.Empty.LayPairs("q.weight", 8, PairLayout.Halves).Apply(new MemoryWeights(weights))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("headWidth", () => KeyMap.Empty.LayPairs("q", 5, PairLayout.Halves));
        Assert.Throws<ArgumentOutOfRangeException>("headWidth", () => KeyMap.Empty.LayPairs("q", 0, PairLayout.Halves));
        Assert.Throws<ArgumentOutOfRangeException>("layout", () => KeyMap.Empty.LayPairs("q", 2, (PairLayout)7));
    }

    // [B, T, D] each, causal, by the plain formula.
    private static Tensor Attend(Tensor query, Tensor key, Tensor value, long heads)
    {
        Tensor Split(Tensor tensor) => tensor.reshape(tensor.shape[0], tensor.shape[1], heads, -1).transpose(1, 2);
        var (q, k, v) = (Split(query), Split(key), Split(value));
        var length = query.shape[1];
        var scores = q.matmul(k.transpose(-1, -2)) / Math.Sqrt(q.shape[3]);
        scores = scores.masked_fill(ones(length, length, dtype: ScalarType.Bool).triu(1), float.NegativeInfinity);
        return scores.softmax(-1).matmul(v).transpose(1, 2).reshape(query.shape);
    }

    private sealed class Nest : nn.Module
    {
        internal Nest(string name, nn.Module inner) : base(nameof(Nest)) => register_module(name, inner);
    }
}
