using ContextAware.Interop;
using ContextAware.Models.LanguageModels;
using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.LanguageModels;

/// <summary>Weights under published names give what the published models' formulas say.</summary>
public sealed class LanguageModelKeyMapsTests : IDisposable
{
    private const long Width = 12;
    private const long Heads = 3;
    private const long Hidden = 20;
    private const long Vocabulary = 11;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable quiet = no_grad();

    public void Dispose()
    {
        quiet.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Gpt2_computes_its_formula()
    {
        var w = new Dictionary<string, Tensor>
        {
            ["transformer.wte.weight"] = randn(Vocabulary, Width), ["transformer.wpe.weight"] = randn(9, Width),
            ["transformer.ln_f.weight"] = randn(Width), ["transformer.ln_f.bias"] = randn(Width),
        };
        w["lm_head.weight"] = w["transformer.wte.weight"];
        for (var i = 0; i < 2; i++)
        {
            foreach (var (name, shape) in new (string, long[])[]
            {
                ("ln_1.weight", [Width]), ("ln_1.bias", [Width]), ("ln_2.weight", [Width]), ("ln_2.bias", [Width]),
                ("attn.c_attn.weight", [Width, 3 * Width]), ("attn.c_attn.bias", [3 * Width]), ("attn.c_proj.weight", [Width, Width]), ("attn.c_proj.bias", [Width]),
                ("mlp.c_fc.weight", [Width, 4 * Width]), ("mlp.c_fc.bias", [4 * Width]), ("mlp.c_proj.weight", [4 * Width, Width]), ("mlp.c_proj.bias", [Width]),
            })
            {
                w[$"transformer.h.{i}.{name}"] = randn(shape) * 0.3;
            }

            w[$"transformer.h.{i}.attn.bias"] = ones(1, 1, 9, 9);
        }

        using var model = new DecoderOnlyModel(DecoderOnlyOptions.Gpt2(Vocabulary, Width, 2, Heads, 9));
        model.eval();
        Assert.True(model.LoadWeights(new MemoryWeights(w), LanguageModelKeyMaps.Gpt2).IsExact);

        var tokens = tensor(new long[] { 3, 1, 4, 1, 5 });
        var x = w["transformer.wte.weight"].index_select(0, tokens) + w["transformer.wpe.weight"].narrow(0, 0, 5);
        for (var i = 0; i < 2; i++)
        {
            Tensor W(string name) => w[$"transformer.h.{i}.{name}"];
            var parts = (LayerNorm(x, W("ln_1.weight"), W("ln_1.bias")).matmul(W("attn.c_attn.weight")) + W("attn.c_attn.bias")).split(Width, -1);
            x = x + Attend(parts[0], parts[1], parts[2]).matmul(W("attn.c_proj.weight")) + W("attn.c_proj.bias");
            var h = LayerNorm(x, W("ln_2.weight"), W("ln_2.bias")).matmul(W("mlp.c_fc.weight")) + W("mlp.c_fc.bias");
            h = 0.5 * h * (1 + (Math.Sqrt(2 / Math.PI) * (h + 0.044715 * h.pow(3))).tanh());
            x = x + h.matmul(W("mlp.c_proj.weight")) + W("mlp.c_proj.bias");
        }

        var expected = LayerNorm(x, w["transformer.ln_f.weight"], w["transformer.ln_f.bias"]).matmul(w["transformer.wte.weight"].t());
        TensorAssert.Close(expected, model.call(tokens.unsqueeze(0)).Logits[0], 1e-3, 1e-3);
    }

    [Fact]
    public void Llama_computes_its_formula_and_goes_back_under_its_names()
    {
        var w = new Dictionary<string, Tensor>
        {
            ["model.embed_tokens.weight"] = randn(Vocabulary, Width), ["model.norm.weight"] = randn(Width), ["lm_head.weight"] = randn(Vocabulary, Width),
            ["model.layers.0.input_layernorm.weight"] = randn(Width), ["model.layers.0.post_attention_layernorm.weight"] = randn(Width),
        };
        foreach (var name in new[] { "q_proj", "k_proj", "v_proj", "o_proj" }) w[$"model.layers.0.self_attn.{name}.weight"] = randn(Width, Width) * 0.3;
        w["model.layers.0.mlp.gate_proj.weight"] = randn(Hidden, Width) * 0.3;
        w["model.layers.0.mlp.up_proj.weight"] = randn(Hidden, Width) * 0.3;
        w["model.layers.0.mlp.down_proj.weight"] = randn(Width, Hidden) * 0.3;

        using var model = new DecoderOnlyModel(DecoderOnlyOptions.Llama(Vocabulary, Width, 1, Heads, Hidden, 9));
        model.eval();
        Assert.True(model.LoadWeights(new MemoryWeights(w), LanguageModelKeyMaps.Llama).IsExact);

        var tokens = tensor(new long[] { 3, 1, 4, 1, 5 });
        Tensor W(string name) => w[$"model.layers.0.{name}.weight"].t();
        var x = w["model.embed_tokens.weight"].index_select(0, tokens);
        var n = RmsNorm(x, w["model.layers.0.input_layernorm.weight"]);
        x = x + Attend(Turn(n.matmul(W("self_attn.q_proj"))), Turn(n.matmul(W("self_attn.k_proj"))), n.matmul(W("self_attn.v_proj"))).matmul(W("self_attn.o_proj"));
        n = RmsNorm(x, w["model.layers.0.post_attention_layernorm.weight"]);
        var gate = n.matmul(W("mlp.gate_proj"));
        x = x + (gate * gate.sigmoid() * n.matmul(W("mlp.up_proj"))).matmul(W("mlp.down_proj"));
        var expected = RmsNorm(x, w["model.norm.weight"]).matmul(w["lm_head.weight"].t());
        TensorAssert.Close(expected, model.call(tokens.unsqueeze(0)).Logits[0], 1e-3, 1e-3);

        var back = LanguageModelKeyMaps.ToLlama(model.Options).Apply(new MemoryWeights(model.state_dict()));
        Assert.Equal(w.Keys.Order(), back.Entries.Keys.Order());
        foreach (var (name, tensor) in w) TensorAssert.Equal(tensor, back.Read(name), name);
    }

    /// <summary>Python's Llama has its rotary pairs in halves, whatever the model has.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("llama with biases")]
    public void A_model_of_neighbouring_pairs_goes_to_Llama_in_halves(string kind)
    {
        var options = TinyModels.Options(kind) with { Rotary = new() { Layout = PairLayout.Interleaved } };
        using var model = new DecoderOnlyModel(options);
        foreach (var parameter in model.parameters())
            nn.init.normal_(parameter, 0, 0.5);
        using var python = new DecoderOnlyModel(options with { Rotary = new() });
        var weights = LanguageModelKeyMaps.ToLlama(options).Apply(new MemoryWeights(model.state_dict()));
        Assert.True(python.LoadWeights(weights, LanguageModelKeyMaps.Llama).IsExact);
        var tokens = TinyModels.Tokens(2, 9);
        TensorAssert.Close(model.call(tokens).Logits, python.call(tokens).Logits, 1e-4, 1e-4);
    }

    /// <summary>
    /// Both forms of one Llama, converted as the makers' script and Python's do: the same names but for the projections' rows,
    /// which Python has in halves.
    /// </summary>
    [Fact]
    public void The_makers_Llama_gives_what_Pythons_gives()
    {
        var options = TinyModels.Options("llama");
        using var python = new DecoderOnlyModel(options);
        foreach (var parameter in python.parameters())
            nn.init.normal_(parameter, 0, 0.5);
        var named = LanguageModelKeyMaps.ToLlama(options).Apply(new MemoryWeights(python.state_dict()));
        var weights = named.Entries.Keys.ToDictionary(Published, name => Published(name) is { } made && (made.Contains(".wq.") || made.Contains(".wk.")) ? Neighbours(named.Read(name), 4) : named.Read(name));
        Assert.Contains("layers.2.feed_forward.w3.weight", weights.Keys);
        Assert.Contains("output.weight", weights.Keys);
        weights.Add("rope.freqs", ones(2));

        using var model = new DecoderOnlyModel(options with { Rotary = new() { Layout = PairLayout.Interleaved } });
        Assert.True(model.LoadWeights(new MemoryWeights(weights), LanguageModelKeyMaps.MetaLlama).IsExact);
        var tokens = TinyModels.Tokens(2, 9);
        TensorAssert.Close(python.call(tokens).Logits, model.call(tokens).Logits, 1e-4, 1e-4);
    }

    // Their names, written out.
    private static string Published(string name)
    {
        foreach (var (ours, theirs) in new[]
        {
            ("model.", ""), ("embed_tokens", "tok_embeddings"), ("lm_head", "output"), ("input_layernorm", "attention_norm"), ("post_attention_layernorm", "ffn_norm"),
            ("self_attn.q_proj", "attention.wq"), ("self_attn.k_proj", "attention.wk"), ("self_attn.v_proj", "attention.wv"), ("self_attn.o_proj", "attention.wo"),
            ("mlp.gate_proj", "feed_forward.w1"), ("mlp.down_proj", "feed_forward.w2"), ("mlp.up_proj", "feed_forward.w3"),
        })
            name = name.Replace(ours, theirs, StringComparison.Ordinal);
        return name;
    }

    // Rows i and i + E/2 of each head come to stand side by side.
    private static Tensor Neighbours(Tensor rows, int headWidth)
    {
        var order = Enumerable.Range(0, (int)rows.size(0)).Select(row =>
        {
            var (head, place) = Math.DivRem(row, headWidth);
            return (head * headWidth) + (place / 2) + (place % 2 * headWidth / 2L);
        });
        return rows.index_select(0, tensor(order.ToArray()));
    }

    private static Tensor LayerNorm(Tensor x, Tensor weight, Tensor bias)
    {
        var centred = x - x.mean([-1], keepdim: true);
        return centred / (centred.square().mean([-1], keepdim: true) + 1e-5).sqrt() * weight + bias;
    }

    private static Tensor RmsNorm(Tensor x, Tensor weight) => x / (x.square().mean([-1], keepdim: true) + 1e-5).sqrt() * weight;

    // Each head [T, 4]: components 0 and 2, and 1 and 3, turned by the position times 1 and 1/100.
    private static Tensor Turn(Tensor x)
    {
        var turned = x.clone();
        for (var t = 0; t < 5; t++)
        {
            for (var first = 0L; first < Width; first += 4)
            {
                for (var i = 0; i < 2; i++)
                {
                    var angle = t * Math.Pow(10_000, -2.0 * i / 4);
                    var (a, b) = (x[t, first + i], x[t, first + i + 2]);
                    turned[t, first + i] = a * Math.Cos(angle) - b * Math.Sin(angle);
                    turned[t, first + i + 2] = b * Math.Cos(angle) + a * Math.Sin(angle);
                }
            }
        }

        return turned;
    }

    private static Tensor Attend(Tensor query, Tensor key, Tensor value)
    {
        static Tensor Split(Tensor tensor) => tensor.reshape(5, Heads, -1).transpose(0, 1);
        var scores = Split(query).matmul(Split(key).transpose(-1, -2)) / Math.Sqrt(Width / Heads);
        scores = scores.masked_fill(ones(5, 5, dtype: ScalarType.Bool).triu(1), double.NegativeInfinity);
        return scores.softmax(-1).matmul(Split(value)).transpose(0, 1).reshape(5, Width);
    }
}
