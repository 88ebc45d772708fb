using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The dot product of query and key: Luong et al. 2015 (arXiv 1508.04025), eq. 8, "dot".</summary>
/// <remarks>score = qᵀk. Query and key are equally wide. No parameters.</remarks>
public sealed class DotScore : ScoreFunction
{
    /// <summary>Makes the score.</summary>
    public DotScore()
        : base(nameof(DotScore))
    {
    }

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth: null, keyWidth: null);
        return Products(query, projectedKey, shape);
    }

    /// <summary>All dot products of checked queries and keys: <c>[B,T,S]</c>, or <c>[B,S]</c> for one step.</summary>
    internal static Tensor Products(Tensor query, Tensor key, ScoreShape shape)
    {
        using var scope = NewDisposeScope();
        // Older libtorches have no product in float16 on the CPU.
        var widens = shape.Type == ScalarType.Float16 && key.device_type == DeviceType.CPU;
        var (q, k) = widens ? (query.to(float32), key.to(float32)) : (query, key);
        var scores = shape.IsStep
            ? bmm(k, q.unsqueeze(2)).squeeze(2)          // [B,S,D]·[B,D,1] → [B,S]
            : bmm(q, k.transpose(1, 2));                 // [B,T,D]·[B,D,S] → [B,T,S]
        return (widens ? scores.to(float16) : scores).MoveToOuterDisposeScope();
    }
}
