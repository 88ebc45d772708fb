using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>
/// Multi-head attention the plain way: projections one by one, then loops. Backward, the loops' gradients go on through the
/// projections by autograd.
/// </summary>
internal sealed class PlainMultiHead
{
    private readonly Tensor[] heads;      // query, key, value and bias, as the loops see them
    private readonly NaiveAttentionOptions loops;
    private readonly Tensor attended;

    private PlainMultiHead(Tensor[] heads, NaiveAttentionOptions loops, Tensor outputWeight, Tensor? outputBias)
    {
        (this.heads, this.loops) = (heads, loops);
        var naive = NaiveAttention.Compute(Array(0), Array(1), Array(2), loops);
        attended = TensorArrays.From(naive.Output).requires_grad_();
        Weights = TensorArrays.From(naive.Weights);
        Output = nn.functional.linear(Heads.Combine(attended), outputWeight, outputBias);
    }

    /// <summary>[B, T, D].</summary>
    internal Tensor Output { get; }

    /// <summary>[B, H, T, S].</summary>
    internal Tensor Weights { get; }

    internal static PlainMultiHead Of(
        MultiHeadAttention module, MultiHeadAttentionOptions options, Tensor query, Tensor key, Tensor value, AttentionMask mask, Tensor? bias)
    {
        var state = module.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter);
        var (heads, groups, width, keyRows) = (module.HeadCount, module.KeyValueHeadCount, query.size(-1), module.KeyValueHeadCount * module.HeadWidth);
        Tensor[] weights = state.TryGetValue("in_proj_weight", out var packed)
            ? packed.split([width, keyRows, keyRows])
            : [state["q_proj_weight"], state["k_proj_weight"], state["v_proj_weight"]];
        var biases = state.GetValueOrDefault("in_proj_bias")?.split([width, keyRows, keyRows]);
        var q = Norm("q_norm", Heads.Split(nn.functional.linear(query, weights[0], biases?[0]), heads));
        var k = Norm("k_norm", Heads.Split(nn.functional.linear(key, weights[1], biases?[1]), groups));
        var v = Heads.Split(nn.functional.linear(value, weights[2], biases?[2]), groups);

        var (batch, queries, keys) = (q.size(0), q.size(2), k.size(2));
        var allowed = RandomMasks.Allowed(mask, batch, heads, queries, keys);
        var added = (bias ?? zeros(1, 1, 1, 1, float64)).expand(batch, heads, queries, keys);
        if (options.AddKeyValueBias)
            Append(Heads.Split(state["bias_k"], groups), Heads.Split(state["bias_v"], groups));
        if (options.AddZeroAttention)
            Append(zeros(1, groups, 1, module.HeadWidth, float64), zeros(1, groups, 1, module.HeadWidth, float64));

        var loops = new NaiveAttentionOptions
        {
            Scale = options.Scale,
            Softcap = options.Softcap,
            Allowed = TensorArrays.Booleans(allowed),
            Bias = TensorArrays.Hypercube(added),
        };
        return new([q, k, v, added], loops, state["out_proj.weight"], state.GetValueOrDefault("out_proj.bias"));

        Tensor Norm(string name, Tensor tensor) => state.TryGetValue($"{name}.weight", out var gain)
            ? nn.functional.layer_norm(tensor, [module.HeadWidth], gain, state[$"{name}.bias"])
            : tensor;

        void Append(Tensor extraKey, Tensor extraValue)
        {
            k = cat([k, extraKey.expand(batch, -1, -1, -1)], 2);
            v = cat([v, extraValue.expand(batch, -1, -1, -1)], 2);
            allowed = cat([allowed, ones(batch, heads, queries, 1, @bool)], 3);
            added = cat([added, zeros(batch, heads, queries, 1, float64)], 3);
        }
    }

    /// <summary>Leaves the gradients of Σ output·outer in parameters and inputs.</summary>
    internal void Backward(Tensor outer)
    {
        (Output * outer).sum().backward();
        var sums = NaiveGradients.Of(Array(0), Array(1), Array(2), TensorArrays.Hypercube(attended.grad!), loops);
        Tensor[] gradients = [TensorArrays.From(sums.Query), TensorArrays.From(sums.Key), TensorArrays.From(sums.Value), TensorArrays.From(sums.Bias)];
        heads.Zip(gradients, (input, gradient) => (input * gradient).sum()).Aggregate((a, b) => a + b).backward();
    }

    private double[,,,] Array(int index) => TensorArrays.Hypercube(heads[index]);
}
