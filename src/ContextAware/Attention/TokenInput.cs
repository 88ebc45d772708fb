using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>The sizes of a sequence of tokens <c>[B,N,D]</c>, checked.</summary>
internal readonly record struct TokenInput(long Batch, long Count, Device Device)
{
    /// <summary>Checks <c>[B,N,dim]</c> of the dtype and on the device of a parameter.</summary>
    public static TokenInput Of(Tensor input, long dim, Tensor parameter, string name = "input")
    {
        ArgumentNullException.ThrowIfNull(input, name);
        var shape = input.shape;
        if (shape.Length != 3 || shape[2] != dim)
            throw new ArgumentException($"Expected {name} of shape [B,N,{dim}], got {ShapeText.Compact(shape)}.", name);
        ScoreShape.CheckAlike(name, input, "the module", parameter, name);
        return new TokenInput(shape[0], shape[1], input.device);
    }

    /// <summary>Which tokens a mask leaves out.</summary>
    /// <returns>bool <c>[B or 1, N or 1, 1]</c>, true for tokens that don't count; null if all count.</returns>
    /// <exception cref="ArgumentException">The mask differs between queries or heads.</exception>
    public Tensor? Hidden(AttentionMask? mask)
    {
        using var scope = NewDisposeScope();
        var allowed = mask?.ToTensor(Batch, 1, Count, Count, Device);                // [B|1,1,N|1,N|1]
        if (allowed is null)
            return null;
        var shape = allowed.shape;
        if (shape[2] != 1)
        {
            throw new ArgumentException(
                "Expected a mask that is the same for every query (of lengths or padding), got one that depends on the query.", nameof(mask));
        }

        return allowed.view(shape[0], shape[3], 1).logical_not().MoveToOuterDisposeScope();
    }
}
