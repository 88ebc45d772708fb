using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What block attention computes from.</summary>
/// <param name="Query">[B, H, T, E].</param>
/// <param name="Key">[B, G, S, E].</param>
/// <param name="Value">[B, G, S, V].</param>
/// <param name="Bias">[B or 1, H or 1, T or 1, S or 1], or null.</param>
/// <param name="Spared">Which weights dropout spares, bool [B, H, T, S]; null without dropout.</param>
/// <param name="Mask">Which query may attend to which key.</param>
internal sealed record BlockOperands(Tensor Query, Tensor Key, Tensor Value, Tensor? Bias, Tensor? Spared, AttentionMask Mask)
{
    /// <summary>Query, key, value, and the bias if there is one.</summary>
    internal Tensor[] Differentiable => Bias is null ? [Query, Key, Value] : [Query, Key, Value, Bias];

    /// <summary>All tensors: the differentiable ones first, the mask's at the end.</summary>
    internal List<Tensor> Tensors
    {
        get
        {
            List<Tensor> tensors = [.. Differentiable];
            if (Spared is not null)
                tensors.Add(Spared);
            tensors.AddRange(Mask.Tensors);
            return tensors;
        }
    }

    /// <summary>The same operands held by other handles, in the order of <see cref="Tensors"/>.</summary>
    internal BlockOperands Over(IEnumerable<Tensor> tensors)
    {
        var queue = new Queue<Tensor>(tensors);
        return new(
            queue.Dequeue(), queue.Dequeue(), queue.Dequeue(),
            Bias is null ? null : queue.Dequeue(),
            Spared is null ? null : queue.Dequeue(),
            Mask.Over(queue));
    }
}
