using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>Multi-head attention over all of its options together against plain loops in float64, forward and backward.</summary>
public class RandomMultiHeadTests
{
    [Fact]
    public void Any_options_give_what_plain_loops_give() => RandomCases.Run(300, random =>
    {
        var (options, width, heads) = Options(random);
        using var module = new MultiHeadAttention(width, heads, options);
        using var plain = new MultiHeadAttention(width, heads, options);
        module.to(ScalarType.Float64);
        plain.to(ScalarType.Float64);
        foreach (var parameter in module.parameters())
            Add(parameter, random.Normal(parameter.shape) * 0.3);
        plain.load_state_dict(module.state_dict());

        var batched = random.Flag("batched");
        var batch = batched ? random.Size("B", 4) : 1;
        var (queries, keys) = (random.Size("T", 7, zero: true), random.Size("S", 7, zero: true));
        var kind = random.Pick("inputs", "self", "cross", "three");
        var others = options.KeyWidth is null && options.ValueWidth is null;
        var query = Leaf(batch, queries, width);
        var key = kind == "self" && others ? query : Leaf(batch, keys, options.KeyWidth ?? width);
        var value = kind != "three" && options.KeyWidth == options.ValueWidth ? key : Leaf(batch, key.size(1), options.ValueWidth ?? width);
        keys = key.size(1);
        var mask = RandomMasks.Draw(random, batch, heads, queries, keys);
        var bias = random.Flag("bias") ? Leaf(random.Flag("bias B") ? batch : 1, random.Flag("bias H") ? heads : 1, queries, keys) : null;

        Tensor[] leaves = [.. new[] { query, key, value, bias }.OfType<Tensor>().Distinct()];
        var loops = PlainMultiHead.Of(plain, options, query, key, value, mask, bias);
        var (expected, weights) = (loops.Output, loops.Weights);
        var outer = random.Normal(expected.shape);
        loops.Backward(outer);
        Tensor[] gradients = [.. leaves.Select(leaf => leaf.grad!.clone())];

        var actual = Call(needWeights: true);
        TensorAssert.Close(expected, actual.Output, 1e-9, 1e-10);
        TensorAssert.Close(weights, actual.Weights!, 1e-9, 1e-10);
        var average = Call(needWeights: true, average: true).Weights!;
        TensorAssert.Close(weights.mean([1]), average, 1e-9, 1e-10, "averaged weights");
        foreach (var leaf in leaves)
            leaf.grad!.zero_();
        var output = Call(needWeights: false).Output;
        TensorAssert.Close(expected, output, 1e-9, 1e-10, "output without weights");
        (output * outer).sum().backward();
        for (var i = 0; i < leaves.Length; i++)
            TensorAssert.Close(gradients[i], leaves[i].grad!, 1e-8, 1e-9, $"gradient of input {i}");
        foreach (var (wanted, got) in plain.named_parameters().Zip(module.named_parameters()))
            TensorAssert.Close(wanted.parameter.grad!, got.parameter.grad!, 1e-8, 1e-9, $"gradient of {got.name}");

        Tensor Leaf(params long[] shape) => random.Normal(shape).requires_grad_();

        AttentionResult Call(bool needWeights, bool average = false)
        {
            if (batched)
                return module.call(query, key, value, mask, bias, needWeights, average);
            var (q, k) = (query.squeeze(0), ReferenceEquals(key, query) ? null : key.squeeze(0));
            var result = module.call(q, k, ReferenceEquals(value, key) ? null : value.squeeze(0), mask, bias, needWeights, average);
            return new(result.Output.unsqueeze(0), result.Weights?.unsqueeze(0));
        }
    }, seed: 6);

    private static (MultiHeadAttentionOptions Options, long Width, long Heads) Options(RandomCase random)
    {
        var groups = random.Size("G", 3);
        var heads = groups * random.Pick("R", 1L, 1, 2);
        return (new()
        {
            KeyValueHeads = groups,
            KeyWidth = random.Flag("kdim") ? random.Size("kdim", 7) : null,
            ValueWidth = random.Flag("vdim") ? random.Size("vdim", 7) : null,
            Bias = random.Flag("biased"),
            AddKeyValueBias = random.Pick("bias kv", false, false, true),
            AddZeroAttention = random.Pick("zero attention", false, false, true),
            QueryKeyNorm = random.Flag("norm") ? width => nn.LayerNorm(width) : null,
            Softcap = random.Pick("softcap", 0, 0, 2.5),
            Scale = random.Flag("scaled") ? 0.3 : null,
        }, heads * random.Size("E", 5), heads);
    }

    private static void Add(Tensor parameter, Tensor change)
    {
        using var _ = no_grad();
        parameter.add_(change);
    }
}
