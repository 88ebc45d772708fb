using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Keeps NaN and infinity in masked-out keys and values from leaking: 0·NaN is NaN, so a weight of zero doesn't stop
/// them, neither forward nor backward. Where such a key or value is visible, the output is NaN, as it would be.
/// </summary>
internal static class NonFiniteGuard
{
    private const long RowsAtOnce = 256;

    /// <summary>Whether all keys and values are finite. Costs one pass over them, and waits for the device.</summary>
    internal static bool AllFinite(Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // A sum of finite numbers may overflow; then the careful way is taken, which is right as well.
        return key.sum().add(value.sum()).isfinite().item<bool>();
    }

    /// <summary>Zeros instead of NaN and infinity; where there are zeros, no gradient comes back.</summary>
    internal static Tensor Clean(Tensor tensor) => tensor.nan_to_num(0, 0, 0);

    /// <summary>True for queries that see a key or value with NaN or infinity in it: [B, H, T, 1].</summary>
    internal static Tensor Poisoned(AttentionInputs inputs)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var sizes = inputs.Sizes;
        var good = inputs.Key.isfinite().all(-1).logical_and(inputs.Value.isfinite().all(-1));             // [B, G, S]
        var bad = good.logical_not().repeat_interleave(sizes.HeadsPerGroup, 1).to(float32).unsqueeze(-1);             // [B, H, S, 1]
        List<Tensor> rows = [];
        for (var start = 0L; start < sizes.QueryLength; start += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, sizes.QueryLength - start);
            var seen = inputs.Visibility.Allowed(start, count) ?? ones([1, 1, 1, 1], @bool, bad.device);
            var allowed = seen.expand(sizes.Batch, sizes.Heads, count, sizes.KeyLength);
            rows.Add(allowed.to(float32).matmul(bad).gt(0));                                           // [B, H, t, 1]
        }
        return cat(rows, 2).MoveToOuterDisposeScope();
    }
}
