using ContextAware.Loops;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>
/// scores[b,t,s] = Σ_h v[h]·tanh(q[b,t,h] + k[b,s,h]), the heart of the additive scores, in bounded memory.
/// </summary>
/// <remarks>
/// It is computed as 2·Σ_h v[h]·σ(2q + 2k) − Σ_h v[h], for tanh x = 2σ(2x) − 1 and libtorch's σ costs a quarter of its tanh.
/// The doubling of the keys is done once per source, that of the query is part of the addition.
/// <para>
/// The sum inside has the size [B,T,S,H]. Where that is more than a block, it is made block by block, forward and
/// backward: the backward pass makes it again instead of keeping it. Blocks that stay in the processor's cache are also
/// faster than one big tensor whose pages are all fresh. In float32 on a CPU with AVX2, loops of ours keep none of it
/// (<see cref="TanhLoops"/>).
/// </para>
/// </remarks>
internal static class TanhScores
{
    /// <summary>Elements a block on the CPU: four megabytes of float32, enough for a decoding step of a usual batch.</summary>
    private const long CpuBlock = 1L << 20;

    /// <summary>Elements a block on an accelerator, where each block costs several kernel launches.</summary>
    private const long DeviceBlock = 1L << 24;

    /// <summary>What <see cref="Compute"/> takes as keys: 2k, from a tensor that is no one else's.</summary>
    public static Tensor PrepareKeys(Tensor key)
    {
        using (key)
            return key * 2;
    }

    /// <summary>The scores.</summary>
    /// <param name="query"><c>[B,T,H]</c>, or <c>[B,H]</c> for one step.</param>
    /// <param name="doubledKey">2k <c>[B,S,H]</c>.</param>
    /// <param name="vector"><c>[H]</c>.</param>
    /// <param name="shape">The sizes of query and key.</param>
    /// <param name="hidden">H.</param>
    /// <param name="blockSize">How many elements of [B,T,S,H] may be held; null: by device.</param>
    /// <returns><c>[B,T,S]</c>, or <c>[B,S]</c> for one step.</returns>
    public static Tensor Compute(Tensor query, Tensor doubledKey, Tensor vector, ScoreShape shape, long hidden, long? blockSize)
    {
        using var scope = NewDisposeScope();
        if (shape.Type is ScalarType.Float16 or ScalarType.BFloat16)
        {
            var (q, k, v) = (query.to(float32), doubledKey.to(float32), vector.to(float32));
            var precise = Compute(q, k, v, shape with { Type = ScalarType.Float32 }, hidden, blockSize);
            return precise.to(shape.Type).MoveToOuterDisposeScope();
        }

        var queries = shape.IsStep ? query.unsqueeze(1) : query;                    // [B,T,H]
        if (blockSize is null && TanhLoops.Serve(query, doubledKey, vector))
        {
            var sums = is_grad_enabled() && (query.requires_grad || doubledKey.requires_grad || vector.requires_grad)
                ? BlockedTanhScores.apply(queries, doubledKey, vector, new TanhBlocks(shape, hidden, CpuBlock))
                : TanhLoops.Scores(queries, doubledKey, vector);
            return (shape.IsStep ? sums.squeeze(1) : sums).MoveToOuterDisposeScope();
        }

        var whole = shape.Batch * shape.Steps * shape.Keys * hidden;
        if (whole <= (blockSize ?? CpuBlock) || whole <= (blockSize ??= DefaultBlock(query)))
        {
            var activations = shape.IsStep
                ? Activations(query.unsqueeze(1), doubledKey)                       // [B,1,H] + [B,S,H]
                : Activations(query.unsqueeze(2), doubledKey.unsqueeze(1));         // [B,T,1,H] + [B,1,S,H]
            return Combine(activations, vector, vector.sum()).MoveToOuterDisposeScope();
        }

        var blocks = new TanhBlocks(shape, hidden, blockSize.Value);
        var scores = is_grad_enabled()
            ? BlockedTanhScores.apply(queries, doubledKey, vector, blocks)
            : InBlocks(queries, doubledKey, vector, blocks);                        // [B,T,S]
        return (shape.IsStep ? scores.squeeze(1) : scores).MoveToOuterDisposeScope();
    }

    /// <summary>The scores <c>[B,T,S]</c>, one block after the other; not differentiable.</summary>
    internal static Tensor InBlocks(Tensor query, Tensor doubledKey, Tensor vector, TanhBlocks blocks)
    {
        var scores = query.new_empty(blocks.Shape.Batch, blocks.Shape.Steps, blocks.Shape.Keys);
        using var outer = NewDisposeScope();
        var total = vector.sum();
        foreach (var block in blocks)
        {
            using var scope = NewDisposeScope();
            block.Scores(scores).copy_(Combine(block.Activations(query, doubledKey), vector, total));
        }

        return scores;
    }

    /// <summary>σ(2q + 2k), in memory of its own.</summary>
    internal static Tensor Activations(Tensor query, Tensor doubledKey) => doubledKey.add(query, alpha: 2).sigmoid_();

    /// <summary>vᵀ(2σ − 1): <c>[…,H]</c> → <c>[…]</c>.</summary>
    private static Tensor Combine(Tensor activations, Tensor vector, Tensor total) => matmul(activations, vector).mul_(2).sub_(total);

    private static long DefaultBlock(Tensor query) => query.device_type == DeviceType.CPU ? CpuBlock : DeviceBlock;
}
