using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Empties what no query sees. It may hold anything, NaN too, and zero times NaN would reach outputs and gradients.
/// </summary>
internal static class HiddenKeys
{
    /// <summary>Which keys are hidden from all queries.</summary>
    /// <param name="allowed">bool <c>[B or 1, T or 1, S or 1]</c>.</param>
    /// <returns>bool <c>[B or 1, S or 1, 1]</c>, to be broadcast over the width.</returns>
    public static Tensor Of(Tensor allowed)
    {
        using var scope = NewDisposeScope();
        return allowed.any(1).logical_not().unsqueeze(-1).MoveToOuterDisposeScope();
    }

    /// <summary>A copy of keys or values <c>[B,S,D]</c> with zeros in hidden places.</summary>
    public static Tensor Clear(Tensor tensor, Tensor hidden) => tensor.masked_fill(hidden, 0);

    /// <summary>Which queries see a key or value with NaN or infinity in it: bool <c>[B,T,1]</c>.</summary>
    public static Tensor Seen(Tensor allowed, Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        var finite = key.isfinite().all(-1).logical_and(value.isfinite().all(-1)).unsqueeze(1);     // [B,1,S]
        return finite.logical_not().logical_and(allowed).any(-1, keepdim: true).MoveToOuterDisposeScope();
    }
}
