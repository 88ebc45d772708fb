using ContextAware.Attention;
using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>The Attention operator of the ONNX standard (opsets 23 to 25) in terms of the library's public API.</summary>
/// <param name="Query">[B, H, T, E].</param>
/// <param name="Key">[B, G, S, E], the past in it.</param>
/// <param name="Value">[B, G, S, V], the past in it.</param>
/// <param name="Options">Mask, bias, scale and softcap.</param>
internal sealed record OnnxAttention(Tensor Query, Tensor Key, Tensor Value, AttentionOptions Options)
{
    /// <summary>Reads a node's inputs by position: Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen.</summary>
    internal static OnnxAttention Of(IReadOnlyList<Tensor?> inputs, IReadOnlyDictionary<string, double> attributes)
    {
        var (past, lengths) = (Input(4), Input(6));
        var query = WithHeads(inputs[0]!, "q_num_heads");
        var key = Append(past, WithHeads(inputs[1]!, "kv_num_heads"));
        var value = Append(Input(5), WithHeads(inputs[2]!, "kv_num_heads"));
        var (mask, bias) = Given(Input(3), key.size(2));
        // Where the first query stands: after the past, or so that the last one stands at the last key that counts.
        var offset = past?.size(2) ?? 0;
        var offsets = past is null && lengths is not null ? lengths - query.size(2) : null;
        if (lengths is not null)
            mask &= AttentionMask.FromLengths(lengths);
        if (Integer("is_causal", 0) == 1)
            mask &= offsets is null ? AttentionMask.CausalFrom(offset) : AttentionMask.CausalFrom(offsets);
        var (left, right) = (Integer("left_window_size", -1), Integer("right_window_size", -1));
        if (left >= 0 || right >= 0)
        {
            var (before, after) = (left < 0 ? long.MaxValue : left, right < 0 ? long.MaxValue : right);
            mask &= offsets is null ? AttentionMask.SlidingWindowFrom(offset, before, after) : AttentionMask.SlidingWindowFrom(offsets, before, after);
        }
        return new(query, key, value, new()
        {
            Mask = mask,
            Bias = bias,
            Scale = attributes.TryGetValue("scale", out var scale) ? scale : null,
            Softcap = attributes.GetValueOrDefault("softcap"),
        });

        Tensor? Input(int position) => position < inputs.Count ? inputs[position] : null;

        long Integer(string name, long otherwise) => attributes.TryGetValue(name, out var number) ? (long)number : otherwise;

        Tensor WithHeads(Tensor tensor, string heads) => tensor.Dimensions == 4 ? tensor : Heads.Split(tensor, (long)attributes[heads]);
    }

    /// <summary>The paths that can do it; null is the planner's choice.</summary>
    internal AttentionPath?[] Paths => Options.Softcap > 0
        ? [null, AttentionPath.Explicit, AttentionPath.Blocks]
        : [null, AttentionPath.Explicit, AttentionPath.Blocks, AttentionPath.Fused];

    /// <summary>Y, with heads: [B, H, T, V].</summary>
    internal Tensor Output(AttentionPath? path) => AttentionFunctions.ScaledDotProduct(Query, Key, Value, Options with { Path = path }).Output;

    /// <summary>qk_matmul_output. 0: raw scores, 1: after softcap, 2: after bias and mask, 3: after softmax.</summary>
    internal Tensor Stage(long mode)
    {
        var scores = AttentionFunctions.Scores(Query, Key, Options.Scale);
        if (mode >= 1)
            scores = AttentionFunctions.Softcap(scores, Options.Softcap);
        if (mode >= 2)
            scores = AttentionFunctions.AddBias(scores, Options.Bias, Options.Mask);
        return mode < 3 ? scores : MaskedSoftmax.Apply(scores, scores.ne(double.NegativeInfinity));
    }

    /// <summary>attn_mask: bool says who may attend, numbers are added; one that ends before the keys do hides the rest.</summary>
    private static (AttentionMask Mask, Tensor? Bias) Given(Tensor? given, long keys)
    {
        if (given is null)
            return (AttentionMask.None, null);
        while (given.Dimensions < 4)
            given = given.unsqueeze(0);
        var missing = keys - given.size(-1);
        if (given.dtype == ScalarType.Bool)
            return (AttentionMask.FromBoolean(missing == 0 ? given : nn.functional.pad(given, (0, missing), value: 0)), null);
        var bias = is_floating_point(given) ? given : given.to(float32);
        return (AttentionMask.None, missing == 0 ? bias : nn.functional.pad(bias, (0, missing), value: double.NegativeInfinity));
    }

    private static Tensor Append(Tensor? past, Tensor tensor) => past is null ? tensor : cat([past, tensor], 2);
}
