using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace ContextAware.Attention;

/// <summary>Tells autograd how block attention is differentiated.</summary>
internal sealed class BlockAttentionFunction : SingleTensorFunction<BlockAttentionFunction>
{
    private const string CallKey = "call";

    /// <summary>
    /// What the last backward pass of this thread gave back. Autograd takes it over only after the call, and until then
    /// nothing else might hold it.
    /// </summary>
    [ThreadStatic]
    private static List<Tensor>? returned;

    public override string Name => nameof(BlockAttention);

    internal static Tensor Apply(BlockAttention attention, BlockOperands operands)
    {
        var call = new Call(attention, operands, []);
        var output = apply([call, .. operands.Tensors]);
        call.Kept.ForEach(tensor => tensor.Dispose());          // autograd holds them now
        return output.transpose(1, 2);                          // [B, H, T, V]
    }

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var call = (Call)vars[0];
        // What a function gives is no view, or it could not be changed in place: [B, T, H, V].
        var output = call.Attention.NewOutput(call.Operands);
        call.Attention.Forward(call.Operands, output, kept: call.Kept);
        ctx.save_data(CallKey, call);
        ctx.save_for_backward([.. call.Operands.Tensors, output, .. call.Kept]);
        return output;
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        returned?.ForEach(tensor => tensor.Dispose());
        using var scope = NewDisposeScope();
        var call = (Call)ctx.get_data(CallKey);
        var saved = ctx.get_saved_variables();
        var count = saved.Count - call.Kept.Count - 1;          // the operands, the output, what was kept
        var operands = call.Operands.Over(saved[..count]);
        var gradient = grad_output.transpose(1, 2);             // [B, H, T, V]
        var gradients = is_grad_enabled()
            ? Recorded(call.Attention, operands, gradient)
            : call.Attention.Backward(operands, saved[count].transpose(1, 2), gradient, saved[(count + 1)..]);
        returned = [.. gradients.OfType<Tensor>().Select(gradient => gradient.MoveToOuterDisposeScope())];
        // The call isn't a tensor; masks and what dropout spares have no gradient.
        List<Tensor?> all = [null, .. gradients, .. new Tensor?[count - gradients.Length]];
        return all!;
    }

    /// <summary>The gradients of a recorded forward pass, which can be differentiated again.</summary>
    private static Tensor?[] Recorded(BlockAttention attention, BlockOperands operands, Tensor gradient)
    {
        // Views of their own: an operand may depend on another, and what it passes on to that one is not for here.
        operands = operands.Over(operands.Tensors.Select(tensor => tensor.requires_grad ? tensor.view(tensor.shape) : tensor));
        var output = attention.Forward(operands, attention.NewOutput(operands), recorded: true);
        var wanted = operands.Differentiable;
        var found = new Queue<Tensor>(grad([output], [.. wanted.Where(tensor => tensor.requires_grad)], [gradient], retain_graph: true, create_graph: true));
        return [.. wanted.Select(tensor => tensor.requires_grad ? found.Dequeue() : null)];
    }

    /// <summary>One call, with what its forward pass kept.</summary>
    private sealed record Call(BlockAttention Attention, BlockOperands Operands, List<Tensor> Kept);
}
