using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Collects the gradients of the operands from the blocks. Null where none is wanted.</summary>
internal sealed class BlockGradients
{
    internal BlockGradients(in AttentionSizes sizes, BlockOperands operands)
    {
        Query = New(operands.Query, sizes.Heads, sizes.QueryLength, sizes.Width);
        Key = New(operands.Key, sizes.Groups, sizes.KeyLength, sizes.Width);
        Value = New(operands.Value, sizes.Groups, sizes.KeyLength, sizes.ValueWidth);
        Bias = operands.Bias is { requires_grad: true } bias ? zeros(bias.shape, bias.dtype, bias.device) : null;

        Tensor? New(Tensor tensor, long heads, long length, long width) =>
            tensor.requires_grad ? AttentionInputs.ZeroHeads(tensor.size(0), heads, length, width, tensor) : null;
    }

    /// <summary>[B, H, T, E].</summary>
    internal Tensor? Query { get; }

    /// <summary>[B, G, S, E].</summary>
    internal Tensor? Key { get; }

    /// <summary>[B, G, S, V].</summary>
    internal Tensor? Value { get; }

    /// <summary>The bias's own shape.</summary>
    internal Tensor? Bias { get; }

    /// <param name="part">Where it belongs.</param>
    /// <param name="scores">The gradient of the scores, [b, g, R, t, s]: summed over what one element of the bias served.</param>
    internal void AddBias(in BlockPart part, Tensor scores)
    {
        if (Bias is null)
            return;
        var target = part.Scores(Bias);
        var (from, to) = (scores.shape, target.shape);
        long[] shared = [.. Enumerable.Range(0, to.Length).Where(i => to[i] == 1 && from[i] != 1)];
        target.add_(shared.Length == 0 ? scores : scores.sum(shared, keepdim: true));
    }

    /// <summary>All of them, moved to the scope around this one.</summary>
    internal Tensor?[] Release(bool withBias)
    {
        Tensor?[] all = withBias ? [Query, Key, Value, Bias] : [Query, Key, Value];
        foreach (var gradient in all)
            gradient?.MoveToOuterDisposeScope();
        return all;
    }
}
