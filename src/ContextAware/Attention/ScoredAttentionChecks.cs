using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Checks of keys and values that belong together.</summary>
internal static class ScoredAttentionChecks
{
    /// <summary>Checks <c>[B,S,Dk]</c> against <c>[B,S,Dv]</c> and returns B and S.</summary>
    public static (long Batch, long Keys) KeysAndValues(Tensor key, Tensor value)
    {
        var keys = ScoreShape.CheckKey(key);
        ArgumentNullException.ThrowIfNull(value);
        var values = value.shape;
        if (values.Length != 3 || values[0] != keys[0] || values[1] != keys[1])
        {
            throw new ArgumentException(
                $"Expected values of shape [{keys[0]},{keys[1]},Dv], as many as keys, got {ShapeText.Compact(values)}.", nameof(value));
        }

        ScoreShape.CheckAlike("values", value, "the keys", key, nameof(value));
        return (keys[0], keys[1]);
    }
}
