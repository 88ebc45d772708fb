namespace ContextAware.Interop;

/// <summary>
/// From the names and layouts of well-known programs to those of this library's attention, which are PyTorch's: one
/// packed <c>in_proj_weight</c> [(H + 2G)·E, D] and <c>out_proj</c>. Other names stay; <see cref="KeyMap.Rename"/> goes on
/// from there.
/// </summary>
public static class KeyMaps
{
    private static readonly string[] Projections = ["q_proj", "k_proj", "v_proj"];

    /// <summary>Three projections <c>q_proj</c>, <c>k_proj</c> and <c>v_proj</c>, with biases or without, into one.</summary>
    public static KeyMap PackProjections { get; } = KeyMap.Empty
        .Pack("**in_proj_weight", Parts(".weight"))
        .Pack("**in_proj_bias", Parts(".bias"));

    /// <summary>
    /// GPT-2 as published and in Python libraries: <c>c_attn</c>, <c>c_proj</c> and <c>c_fc</c> are kept as [in, out] there and
    /// are transposed; <c>attn.c_attn</c> becomes <c>attn.in_proj_…</c>, <c>attn.c_proj</c> becomes <c>attn.out_proj</c>; causal
    /// masks are dropped, and so is the prefix <c>transformer.</c>
    /// </summary>
    public static KeyMap Gpt2 { get; } = KeyMap.Empty
        .Rename("transformer.**", "**")
        .Ignore("h.*.attn.bias")
        .Ignore("h.*.attn.masked_bias")
        .Transpose("h.*.*.c_attn.weight")
        .Transpose("h.*.*.c_proj.weight")
        .Transpose("h.*.*.c_fc.weight")
        .Rename("h.*.attn.c_attn.*", "h.*.attn.in_proj_*")
        .Rename("h.*.attn.c_proj.*", "h.*.attn.out_proj.*");

    /// <summary>
    /// Llama and its kin in Python libraries' form, whose rotary layout is <see cref="Positions.PairLayout.Halves"/>: the three
    /// projections are packed, <c>self_attn.o_proj</c> becomes <c>self_attn.out_proj</c>; rotary tables are dropped, and so is the
    /// prefix <c>model.</c>
    /// </summary>
    public static KeyMap Llama { get; } = KeyMap.Empty
        .Rename("model.**", "**")
        .Ignore("**rotary_emb.inv_freq")
        .Rename("layers.*.self_attn.o_proj.*", "layers.*.self_attn.out_proj.*")
        .Then(PackProjections);

    /// <summary>
    /// Llama as its makers published it, whose rotary layout is <see cref="Positions.PairLayout.Interleaved"/>: <c>wq</c>,
    /// <c>wk</c> and <c>wv</c> of each <c>attention</c> are packed, <c>wo</c> becomes <c>out_proj</c>; rotary tables are dropped.
    /// </summary>
    public static KeyMap MetaLlama { get; } = KeyMap.Empty
        .Ignore("rope.freqs")
        .Rename("layers.*.attention.wq.*", "layers.*.attention.q_proj.*")
        .Rename("layers.*.attention.wk.*", "layers.*.attention.k_proj.*")
        .Rename("layers.*.attention.wv.*", "layers.*.attention.v_proj.*")
        .Rename("layers.*.attention.wo.*", "layers.*.attention.out_proj.*")
        .Then(PackProjections);

    /// <summary>One packed projection into three, <c>q_proj</c>, <c>k_proj</c> and <c>v_proj</c>.</summary>
    /// <param name="heads">H, the number of heads.</param>
    /// <param name="groups">G, the number of key-value heads; H when absent.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static KeyMap SplitProjections(long heads, long? groups = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups ?? heads, nameof(groups));
        long[] shares = [heads, groups ?? heads, groups ?? heads];
        return KeyMap.Empty
            .Split("**in_proj_weight", [.. Parts(".weight").Zip(shares)])
            .Split("**in_proj_bias", [.. Parts(".bias").Zip(shares)]);
    }

    private static string[] Parts(string kind) => Array.ConvertAll(Projections, projection => $"**{projection}{kind}");
}
