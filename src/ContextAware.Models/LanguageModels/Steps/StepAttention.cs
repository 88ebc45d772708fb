using System.Runtime.InteropServices;
using ContextAware.Attention;
using ContextAware.Positions;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>Self-attention of one new position. The scale 1/√E is in the query's weights.</summary>
/// <remarks>
/// Rotary positions turn a head as x·cos + partner(x)·sin. The partner of a product is the product with the partners' rows, so the
/// weights have a second half that makes it: the turn is then one product and one sum over queries, keys and values together.
/// Shapes: D width, H heads, G key-value heads, R = H / G, E head width, N = (H + 2G)·E.
/// </remarks>
internal sealed class StepAttention
{
    private readonly StepMemory memory;
    private readonly StepTurn? turn;
    private readonly StepProduct packed;
    private readonly Tensor outWeight;
    private readonly Tensor? outBias;
    private readonly Tensor projected;      // [N]
    private readonly Tensor? both;          // [2, N]: the projection, and its partners
    private readonly Tensor? partners;      // [N]
    private readonly Tensor query;          // [G, R, E]
    private readonly Tensor keyValue;       // [2G, 1, E]
    private readonly Tensor context;        // [D]
    private readonly NearAttention? near;
    private readonly long[] width;

    internal StepAttention(
        IReadOnlyDictionary<string, Tensor> weights, string name, StepNorm norm, DecoderOnlyOptions options, StepMemory memory, StepTurn? turn, StepTensors tensors)
    {
        (this.memory, this.turn, width) = (memory, turn, [options.Width]);
        var sizes = new HeadCounts(options);
        packed = new(
            tensors.Keep(Pack(norm.Fold(weights[$"{name}.in_proj_weight"]), sizes)),
            weights.TryGetValue($"{name}.in_proj_bias", out var bias) ? tensors.Keep(Pack(bias, sizes)) : null,
            tensors);
        outWeight = weights[$"{name}.out_proj.weight"];
        outBias = weights.GetValueOrDefault($"{name}.out_proj.bias");
        projected = packed.Result;
        if (turn is not null)
        {
            both = tensors.Keep(packed.Result.view(2, -1));
            projected = tensors.Keep(both.select(0, 0));
            partners = tensors.Keep(both.select(0, 1));
        }

        context = tensors.Keep(zeros([options.Width], outWeight.dtype, outWeight.device));
        near = NearAttention.Reads(memory.Tensor) ? new(sizes, memory.Capacity) : null;
        query = tensors.Keep(projected.narrow(0, 0, options.Width).view(sizes.Groups, -1, sizes.HeadWidth));
        keyValue = tensors.Keep(projected.narrow(0, options.Width, 2 * sizes.Groups * sizes.HeadWidth).view(2 * sizes.Groups, 1, sizes.HeadWidth));
    }

    /// <summary>Adds the attention of the new position to the residual stream.</summary>
    /// <param name="x">[D], overwritten with the sum.</param>
    /// <param name="normed">[D].</param>
    /// <param name="place">The new position, int64 [1].</param>
    /// <param name="length">S, with the new position.</param>
    internal void AddTo(Tensor x, Tensor normed, Tensor place, long length)
    {
        packed.Apply(normed);                                                              // [N], or [2N]
        if (turn is not null)
        {
            both!.mul_(turn.Factors);
            projected.add_(partners!);                                                     // [N]
        }

        memory.Tensor.index_copy_(1, place, keyValue);
        memory.Advance();
        x.addmv_(outWeight, Attend(length));
        if (outBias is not null) x.add_(outBias);
    }

    /// <returns>[D].</returns>
    private Tensor Attend(long length)
    {
        if (near is not null && near.Serves(length))
        {
            near.Attend(Numbers(query), Numbers(memory.Tensor), (int)length, Numbers(context));
            return context;
        }

        var weights = query.bmm(memory.KeyColumns.narrow(2, 0, length)).softmax(-1);       // [G, R, S]
        return weights.bmm(memory.Values.narrow(1, 0, length)).view(width);
    }

    private static Span<float> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    // Rows [N, …] with the scale in those of the queries and, for rotary positions, the partners' rows below: [2N, …].
    private Tensor Pack(Tensor rows, HeadCounts sizes)
    {
        var heads = sizes.Heads * sizes.HeadWidth;
        var scaled = cat([rows.narrow(0, 0, heads) / Math.Sqrt(sizes.HeadWidth), rows.narrow(0, heads, rows.size(0) - heads)], 0);
        return turn is null ? scaled : cat([scaled, turn.Partners(scaled)], 0);
    }
}
