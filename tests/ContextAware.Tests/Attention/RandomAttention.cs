using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Random inputs of scaled dot-product attention, in float64.</summary>
internal sealed record RandomAttention(Tensor Query, Tensor Key, Tensor Value, AttentionOptions Options)
{
    internal static RandomAttention Draw(RandomCase random, bool zero = true, long largest = 13)
    {
        var batch = random.Size("B", 5, zero);
        var groups = random.Size("G", 5);
        var heads = groups * random.Pick("R", 1L, 1, 2, 3);
        var (queries, keys) = (random.Size("T", largest, zero), random.Size("S", largest, zero));
        if (random.Flag("square"))
            keys = queries;
        var (width, valueWidth) = (random.Size("E", 11), random.Size("V", 11));
        var options = new AttentionOptions
        {
            Mask = Mask(random, batch, heads, queries, keys),
            Bias = Bias(random, batch, heads, queries, keys),
            Scale = random.Flag("scaled") ? random.Number("scale", -1, 2) : null,
            Softcap = random.Flag("capped") ? random.Number("cap", 0.5, 5) : 0,
            Blocks = random.Flag("cut") ? new(random.Pick("rows", 1L, 2, 5), random.Pick("groups", 1L, 2), random.Pick("batches", 1L, 2)) : null,
        };
        return new(
            random.Normal(batch, heads, queries, width), random.Normal(batch, groups, keys, width), random.Normal(batch, groups, keys, valueWidth), options);
    }

    internal NaiveAttentionResult Naive()
    {
        using var scope = NewDisposeScope();
        var allowed = Options.Mask.ToTensor(Query.size(0), Query.size(1), Query.size(2), Key.size(2), CPU);
        var bias = Options.Bias is { } given ? given.Dimensions == 2 ? given.unsqueeze(0).unsqueeze(0) : given : null;
        return NaiveAttention.Compute(TensorArrays.Hypercube(Query), TensorArrays.Hypercube(Key), TensorArrays.Hypercube(Value), new()
        {
            Scale = Options.Scale,
            Softcap = Options.Softcap,
            Allowed = allowed is null ? null : TensorArrays.Booleans(allowed),
            Bias = bias is null ? null : TensorArrays.Hypercube(bias),
        });
    }

    internal RandomAttention To(ScalarType type) =>
        new(Query.to(type), Key.to(type), Value.to(type), Options with { Bias = Options.Bias?.to(type) });

    /// <summary>Output and gradients of query, key, value and bias on a path; for a fixed random gradient of the output.</summary>
    internal (Tensor Output, Tensor?[] Gradients) Differentiate(AttentionPath path, Tensor outer)
    {
        Tensor?[] leaves = [Query, Key, Value, Options.Bias];
        leaves = [.. leaves.Select(leaf => leaf?.detach().clone().requires_grad_())];
        var output = AttentionFunctions.ScaledDotProduct(
            leaves[0]!, leaves[1]!, leaves[2]!, Options with { Bias = leaves[3], Path = path }).Output;
        output.backward([outer.to(output.dtype)]);
        return (output.detach(), [.. leaves.Select(leaf => leaf?.grad)]);
    }

    private static AttentionMask Mask(RandomCase random, long batch, long heads, long queries, long keys)
    {
        var kinds = random.Pick("masks", 0, 1, 1, 2);
        var mask = AttentionMask.None;
        for (var i = 0; i < kinds; i++)
        {
            mask &= random.Pick("mask", "causal", "from", "window", "blocks", "lengths", "padding", "boolean", "documents") switch
            {
                "causal" => AttentionMask.Causal,
                "from" => AttentionMask.CausalFrom(random.Pick("offset", -3L, -1, 0, 1, 4)),
                "window" => AttentionMask.SlidingWindow(random.Pick("before", 0L, 1, 3), random.Pick("after", 0L, 2)),
                "blocks" => AttentionMask.Blocks(random.Pick("size", 1L, 2, 3, 5)),
                "lengths" => AttentionMask.FromLengths([.. Enumerable.Range(0, (int)batch).Select(_ => random.Random.NextInt64(keys + 2))]),
                "padding" => AttentionMask.FromKeyPadding(random.Mask(0.7, batch, keys), PaddingMeaning.TrueIsToken),
                "documents" => AttentionMask.Documents(
                    random.Mask(0.5, batch, queries).to(int64), random.Mask(0.5, batch, keys).to(int64)),
                _ => AttentionMask.FromBoolean(random.Mask(
                    0.6, random.Flag("mask B") ? batch : 1, random.Flag("mask H") ? heads : 1, random.Flag("mask T") ? queries : 1, random.Flag("mask S") ? keys : 1)),
            };
        }
        return mask;
    }

    private static Tensor? Bias(RandomCase random, long batch, long heads, long queries, long keys)
    {
        var kind = random.Pick("bias", "none", "none", "plane", "full", "hiding");
        if (kind == "none")
            return null;
        if (kind == "plane")
            return random.Normal(queries, keys);
        var bias = random.Normal(
            random.Flag("bias B") ? batch : 1, random.Flag("bias H") ? heads : 1, random.Flag("bias T") ? queries : 1, random.Flag("bias S") ? keys : 1);
        return kind == "full" ? bias : bias.masked_fill(random.Mask(0.3, bias.shape), double.NegativeInfinity);
    }
}
