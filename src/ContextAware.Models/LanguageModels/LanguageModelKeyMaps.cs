using ContextAware.Interop;
using ContextAware.Positions;

namespace ContextAware.Models.LanguageModels;

/// <summary>From the names and layouts of published language models to those of <see cref="DecoderOnlyModel"/>.</summary>
public static class LanguageModelKeyMaps
{
    /// <summary>GPT-2 (<c>transformer.h.0.attn.c_attn.weight</c> and so on), with a tied head: a copy of it is dropped.</summary>
    public static KeyMap Gpt2 { get; } = KeyMaps.Gpt2
        .Rename("wte.weight", "embed_tokens.weight")
        .Rename("wpe.weight", "embed_positions.weight")
        .Rename("h.*.ln_1.*", "layers.*.input_layernorm.*")
        .Rename("h.*.attn.**", "layers.*.self_attn.**")
        .Rename("h.*.ln_2.*", "layers.*.post_attention_layernorm.*")
        .Rename("h.*.mlp.c_fc.*", "layers.*.mlp.linear1.*")
        .Rename("h.*.mlp.c_proj.*", "layers.*.mlp.linear2.*")
        .Rename("ln_f.*", "norm.*")
        .Ignore("lm_head.weight");

    /// <summary>Llama in Python libraries' form (<c>model.layers.0.self_attn.q_proj.weight</c> and so on); its rotary pairs lie in halves.</summary>
    public static KeyMap Llama { get; } = KeyMaps.Llama;

    /// <summary>
    /// Llama as its makers published it (<c>layers.0.attention.wq.weight</c> and so on). Its rotary pairs are neighbours: the model is
    /// to have <see cref="PairLayout.Interleaved"/>.
    /// </summary>
    public static KeyMap MetaLlama { get; } = KeyMaps.MetaLlama
        .Rename("tok_embeddings.weight", "embed_tokens.weight")
        .Rename("layers.*.attention.**", "layers.*.self_attn.**")
        .Rename("layers.*.attention_norm.weight", "layers.*.input_layernorm.weight")
        .Rename("layers.*.ffn_norm.weight", "layers.*.post_attention_layernorm.weight")
        .Rename("layers.*.feed_forward.w1.*", "layers.*.mlp.gate_proj.*")
        .Rename("layers.*.feed_forward.w2.*", "layers.*.mlp.down_proj.*")
        .Rename("layers.*.feed_forward.w3.*", "layers.*.mlp.up_proj.*")
        .Rename("output.weight", "lm_head.weight");

    /// <summary>
    /// From <see cref="DecoderOnlyModel"/> to Llama's names, for Python programs. Their rotary pairs lie in halves: the rows of a
    /// model whose pairs are neighbours are put into that order.
    /// </summary>
    /// <param name="options">The model's options.</param>
    public static KeyMap ToLlama(DecoderOnlyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return KeyMaps.SplitProjections(options.Heads, options.KeyValueHeads)
            .Then(InHalves(options))
            .Rename("layers.*.self_attn.out_proj.*", "layers.*.self_attn.o_proj.*")
            .Rename("layers.**", "model.layers.**")
            .Rename("embed_tokens.weight", "model.embed_tokens.weight")
            .Rename("norm.weight", "model.norm.weight");
    }

    private static KeyMap InHalves(DecoderOnlyOptions options)
    {
        if (options.Rotary is not { Layout: PairLayout.Interleaved })
            return KeyMap.Empty;
        var headWidth = options.Width / options.Heads;
        return KeyMap.Empty
            .LayPairs("layers.*.self_attn.q_proj.*", headWidth, PairLayout.Halves)
            .LayPairs("layers.*.self_attn.k_proj.*", headWidth, PairLayout.Halves);
    }
}
