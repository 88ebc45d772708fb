using ContextAware.Attention;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Random inputs of scaled dot-product attention, in float64.</summary>
internal sealed record RandomAttention(Tensor Query, Tensor Key, Tensor Value, AttentionOptions Options)
{
    internal static RandomAttention Draw(RandomCase random, long largest = 13, bool poisoned = true)
    {
        var batch = random.Size("B", 5, zero: true);
        var groups = random.Size("G", 5);
        var heads = groups * random.Pick("R", 1L, 1, 2, 3);
        var (queries, keys) = (random.Size("T", largest, zero: true), random.Size("S", largest, zero: true));
        if (random.Flag("square"))
            keys = queries;
        var (width, valueWidth) = (random.Size("E", 11, zero: true), random.Size("V", 11, zero: true));
        var mask = RandomMasks.Draw(random, batch, heads, queries, keys);
        var hidden = RandomMasks.Allowed(mask, batch, heads, queries, keys).logical_not();
        var options = new AttentionOptions
        {
            Mask = mask,
            Bias = Bias(random, hidden),
            Scale = random.Flag("scaled") ? random.Number("scale", -1, 2) : null,
            Softcap = random.Flag("capped") ? random.Number("cap", 0.5, 5) : 0,
            Blocks = random.Flag("cut") ? new(random.Pick("rows", 1L, 2, 5), random.Pick("groups", 1L, 2), random.Pick("batches", 1L, 2)) : null,
        };
        var (query, key, value) = (
            random.Normal(batch, heads, queries, width), random.Normal(batch, groups, keys, width), random.Normal(batch, groups, keys, valueWidth));
        if (random.Pick("poisoned", false, false, true) && poisoned)
        {
            var unseen = hidden.view(batch, groups, heads / groups * queries, keys).all(2).unsqueeze(-1);      // [B, G, S, 1]
            key = key.masked_fill(unseen, double.NaN);
            value = value.masked_fill(unseen, double.PositiveInfinity);
            query = query.masked_fill(hidden.all(-1, keepdim: true), double.NaN);
        }
        return new(query, key, value, options);
    }

    internal NaiveAttentionResult Naive()
    {
        using var scope = NewDisposeScope();
        return NaiveAttention.Compute(TensorArrays.Hypercube(Query), TensorArrays.Hypercube(Key), TensorArrays.Hypercube(Value), NaiveOptions());
    }

    /// <summary>The gradients of query, key, value and bias by plain loops, for a given gradient of the output.</summary>
    internal Tensor?[] NaiveGradient(Tensor outer)
    {
        var sums = NaiveGradients.Of(
            TensorArrays.Hypercube(Query), TensorArrays.Hypercube(Key), TensorArrays.Hypercube(Value), TensorArrays.Hypercube(outer), NaiveOptions());
        return
        [
            TensorArrays.From(sums.Query), TensorArrays.From(sums.Key), TensorArrays.From(sums.Value),
            Options.Bias is null ? null : SumTo(TensorArrays.From(sums.Bias), Options.Bias.shape),
        ];
    }

    internal RandomAttention To(ScalarType type) =>
        new(Query.to(type), Key.to(type), Value.to(type), Options with { Bias = Options.Bias?.to(type) });

    internal AttentionResult Run(AttentionPath? path, bool needWeights = false, bool average = false) => AttentionFunctions.ScaledDotProduct(
        Query, Key, Value, Options with { Path = path, NeedWeights = needWeights, AverageWeights = average });

    /// <summary>Output and gradients of query, key, value and bias on a path, for a given gradient of the output.</summary>
    internal (Tensor Output, Tensor?[] Gradients) Differentiate(AttentionPath? path, Tensor outer)
    {
        Tensor?[] leaves = [Query, Key, Value, Options.Bias];
        leaves = [.. leaves.Select(leaf => leaf?.detach().clone().requires_grad_())];
        var output = AttentionFunctions.ScaledDotProduct(
            leaves[0]!, leaves[1]!, leaves[2]!, Options with { Bias = leaves[3], Path = path }).Output;
        output.backward([outer.to(output.dtype)]);
        return (output.detach(), [.. leaves.Select(leaf => leaf?.grad)]);
    }

    private NaiveAttentionOptions NaiveOptions()
    {
        using var scope = NewDisposeScope();
        var allowed = Options.Mask.ToTensor(Query.size(0), Query.size(1), Query.size(2), Key.size(2), CPU);
        var bias = Options.Bias is { } given ? given.Dimensions == 2 ? given.unsqueeze(0).unsqueeze(0) : given : null;
        return new()
        {
            Scale = Options.Scale,
            Softcap = Options.Softcap,
            Allowed = allowed is null ? null : TensorArrays.Booleans(allowed),
            Bias = bias is null ? null : TensorArrays.Hypercube(bias),
        };
    }

    private static Tensor? Bias(RandomCase random, Tensor hidden)
    {
        var (batch, heads, queries, keys) = (hidden.size(0), hidden.size(1), hidden.size(2), hidden.size(3));
        switch (random.Pick("bias", "none", "none", "plane", "part", "hiding", "poisoned"))
        {
            case "none":
                return null;
            case "plane":
                return random.Normal(random.Flag("bias T") ? queries : 1, random.Flag("bias S") ? keys : 1);
            case "poisoned":
                return random.Normal(batch, heads, queries, keys).masked_fill(hidden, double.NaN);
            case "part":
                return Part();
            default:
                var bias = Part();
                return bias.masked_fill(random.Mask(0.3, bias.shape), double.NegativeInfinity);
        }

        Tensor Part() => random.Normal(
            random.Flag("bias B") ? batch : 1, random.Flag("bias H") ? heads : 1, random.Flag("bias T") ? queries : 1, random.Flag("bias S") ? keys : 1);
    }

    private static Tensor SumTo(Tensor full, long[] shape)
    {
        var sum = full;
        for (var i = 0; i < 4; i++)
        {
            var size = i < 4 - shape.Length ? 1 : shape[i - (4 - shape.Length)];
            if (size == 1)
                sum = sum.sum(i, keepdim: true);
        }
        return sum.view(shape);
    }
}
