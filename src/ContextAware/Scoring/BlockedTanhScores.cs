using ContextAware.Loops;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>
/// <see cref="TanhScores"/> with a backward pass of bounded memory: the activations a = σ(2q + 2k) are made again, block
/// by block.
/// </summary>
/// <remarks>
/// With g the gradient of the scores: dv = Σ g(2a − 1), dq = 4v·Σ_s g·a(1 − a), d(2k) = 2v·Σ_t g·a(1 − a).
/// </remarks>
internal sealed class BlockedTanhScores : autograd.SingleTensorFunction<BlockedTanhScores>
{
    private const string BlocksKey = "blocks";
    private const string GradientsKey = "gradients";

    /// <inheritdoc/>
    public override string Name => nameof(BlockedTanhScores);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (query, doubledKey, vector, blocks) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (TanhBlocks)vars[3]);
        ctx.save_for_backward([query, doubledKey, vector]);
        ctx.save_data(BlocksKey, blocks);
        ctx.set_materialize_grads(false);
        return TanhLoops.Serve(query, doubledKey, vector)
            ? TanhLoops.Scores(query, doubledKey, vector)
            : TanhScores.InBlocks(query, doubledKey, vector, blocks);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output is null || grad_output.IsInvalid)
            return [null!, null!, null!, null!];

        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        // A gradient that is itself to be differentiated needs a graph, which can't be had in bounded memory.
        var (query, doubledKey, vector) = is_grad_enabled()
            ? Differentiable(saved[0], saved[1], saved[2], grad_output)
            : InBlocks(saved[0], saved[1], saved[2], grad_output, (TanhBlocks)ctx.get_data(BlocksKey));
        var gradients = new List<Tensor>
        {
            query.MoveToOuterDisposeScope(), doubledKey.MoveToOuterDisposeScope(), vector.MoveToOuterDisposeScope(), null!,
        };
        // The native side copies these after this method has returned: nothing else keeps their finalizers from running.
        ctx.save_data(GradientsKey, gradients);
        return gradients;
    }

    private static (Tensor Query, Tensor DoubledKey, Tensor Vector) InBlocks(
        Tensor query, Tensor doubledKey, Tensor vector, Tensor gradient, TanhBlocks blocks)
    {
        var queryGradient = zeros(query.shape, query.dtype, query.device);
        var keyGradient = zeros(doubledKey.shape, query.dtype, query.device);
        var vectorGradient = zeros(vector.shape, query.dtype, query.device);
        if (TanhLoops.Serve(query, doubledKey, vector))
            TanhLoops.Differentiate(query, doubledKey, gradient, queryGradient, keyGradient, vectorGradient);
        else
            AddBlocks(query, doubledKey, gradient, blocks, (queryGradient, keyGradient, vectorGradient));
        vectorGradient.mul_(2).sub_(gradient.sum());
        return (queryGradient.mul_(vector * 4), keyGradient.mul_(vector * 2), vectorGradient);
    }

    private static void AddBlocks(Tensor query, Tensor doubledKey, Tensor gradient, TanhBlocks blocks, (Tensor Query, Tensor Key, Tensor Vector) sums)
    {
        foreach (var block in blocks)
        {
            using var scope = NewDisposeScope();
            var scoreGradient = block.Scores(gradient).contiguous();                          // g [b,t,s]
            var activations = block.Activations(query, doubledKey);                           // a [b,t,s,H]
            sums.Vector.add_(matmul(scoreGradient.view(-1), activations.view(-1, blocks.Hidden)));
            var slope = addcmul(activations, activations, activations, -1)                    // a − a²
                .mul_(scoreGradient.unsqueeze(-1));
            block.Queries(sums.Query).add_(slope.sum(dim: 2L));
            block.Keys(sums.Key).add_(slope.sum(dim: 1L));
        }
    }

    private static (Tensor Query, Tensor DoubledKey, Tensor Vector) Differentiable(
        Tensor query, Tensor doubledKey, Tensor vector, Tensor gradient)
    {
        var activations = (query * 2).unsqueeze(2).add(doubledKey.unsqueeze(1)).sigmoid();    // [B,T,S,H]
        var outer = gradient.unsqueeze(-1);                                                   // [B,T,S,1]
        var slope = outer * vector * activations * (1 - activations);
        return (slope.sum(dim: 2L) * 4, slope.sum(dim: 1L) * 2, (outer * (activations * 2 - 1)).sum(0, 1, 2));
    }
}
