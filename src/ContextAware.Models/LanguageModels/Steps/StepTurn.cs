using ContextAware.Positions;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>
/// The turn of one position as factors of queries, keys and values, [2, N]: cosines and 1 for what is projected, sines and 0 for
/// its partners. All layers share it.
/// </summary>
internal sealed class StepTurn
{
    private readonly RotaryEmbedding rotary;
    private readonly HeadCounts sizes;
    private readonly RotaryAngles table;    // [C, E] each
    private readonly Tensor cosines;        // [H + G, E], a view of the factors
    private readonly Tensor sines;          // [H + G, E], a view of the factors

    internal StepTurn(RotaryEmbedding rotary, HeadCounts sizes, long capacity, ScalarType type, Device device, StepTensors tensors)
    {
        (this.rotary, this.sizes) = (rotary, sizes);
        var (turned, passed) = (Turned, sizes.Groups * sizes.HeadWidth);
        var angles = rotary.Angles(0, capacity, type, device);
        table = new(tensors.Keep(angles.Cos.clone()), tensors.Keep(angles.Sin.clone()));
        Factors = tensors.Keep(stack([ones([turned + passed], type, device), zeros([turned + passed], type, device)], 0));
        cosines = tensors.Keep(Factors.select(0, 0).narrow(0, 0, turned).view(-1, sizes.HeadWidth));
        sines = tensors.Keep(Factors.select(0, 1).narrow(0, 0, turned).view(-1, sizes.HeadWidth));
    }

    /// <summary>[2, N].</summary>
    internal Tensor Factors { get; }

    private long Turned => (sizes.Heads + sizes.Groups) * sizes.HeadWidth;

    /// <summary>Sets the factors for a position.</summary>
    internal void MoveTo(long position)
    {
        cosines.copy_(table.Cos.select(0, position));
        sines.copy_(table.Sin.select(0, position));
    }

    /// <summary>The rows that make the partners of what these rows make, and zeros for the values: [N, …] → [N, …].</summary>
    internal Tensor Partners(Tensor rows)
    {
        var parts = rows.split([Turned, sizes.Groups * sizes.HeadWidth]);
        var heads = parts[0].view(sizes.Heads + sizes.Groups, sizes.HeadWidth, -1).transpose(1, 2);    // [H + G, D or 1, E]
        var swapped = rotary.Partners(heads).transpose(1, 2).reshape(parts[0].shape);
        return cat([swapped, zeros_like(parts[1])], 0);
    }
}
