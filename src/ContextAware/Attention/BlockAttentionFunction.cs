using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace ContextAware.Attention;

/// <summary>Tells autograd how block attention is differentiated.</summary>
internal sealed class BlockAttentionFunction : SingleTensorFunction<BlockAttentionFunction>
{
    private const string AttentionKey = "attention";
    private const string OperandsKey = "operands";

    /// <summary>
    /// What the last backward pass of this thread gave back. Autograd takes it over only after the call, and until then
    /// nothing else might hold it.
    /// </summary>
    [ThreadStatic]
    private static List<Tensor>? returned;

    public override string Name => nameof(BlockAttention);

    internal static Tensor Apply(BlockAttention attention, BlockOperands operands) =>
        apply([attention, operands, .. operands.Tensors]);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (attention, operands) = ((BlockAttention)vars[0], (BlockOperands)vars[1]);
        var output = attention.Forward(operands, recorded: false);
        ctx.save_data(AttentionKey, attention);
        ctx.save_data(OperandsKey, operands);
        ctx.save_for_backward([.. operands.Tensors, output]);
        return output;
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        returned?.ForEach(tensor => tensor.Dispose());
        using var scope = NewDisposeScope();
        var attention = (BlockAttention)ctx.get_data(AttentionKey);
        var saved = ctx.get_saved_variables();
        var operands = ((BlockOperands)ctx.get_data(OperandsKey)).Over(saved[..^1]);
        var gradients = is_grad_enabled()
            ? Recorded(attention, operands, grad_output)
            : attention.Backward(operands, saved[^1], grad_output);
        returned = [.. gradients.OfType<Tensor>().Select(gradient => gradient.MoveToOuterDisposeScope())];
        // The attention and its operands aren't tensors; masks and what dropout keeps have no gradient.
        List<Tensor?> all = [null, null, .. gradients, .. new Tensor?[saved.Count - 1 - gradients.Length]];
        return all!;
    }

    /// <summary>The gradients of a recorded forward pass, which can be differentiated again.</summary>
    private static Tensor?[] Recorded(BlockAttention attention, BlockOperands operands, Tensor gradient)
    {
        var output = attention.Forward(operands, recorded: true);
        var wanted = operands.Differentiable;
        var found = new Queue<Tensor>(grad([output], [.. wanted.Where(tensor => tensor.requires_grad)], [gradient], retain_graph: true, create_graph: true));
        return [.. wanted.Select(tensor => tensor.requires_grad ? found.Dequeue() : null)];
    }
}
