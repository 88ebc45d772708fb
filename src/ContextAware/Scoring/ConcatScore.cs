using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The score of query and key laid end to end: Luong et al. 2015 (arXiv 1508.04025), eq. 8, "concat".</summary>
/// <remarks>
/// score = vᵀ tanh(W[q;k] + b), with W <c>[hidden,Dq+Dk]</c>. Since W[q;k] = W₁q + W₂k, query and key are never laid end to
/// end: the two halves of W are applied apart, the keys' once per source. In the state dict: <c>attn.weight</c>,
/// <c>attn.bias</c> where there is one, <c>v.weight</c> <c>[1,hidden]</c>, the names of the usual Python implementations.
/// </remarks>
public sealed class ConcatScore : ScoreFunction
{
    private readonly long queryWidth;
    private readonly long keyWidth;
    private readonly long hidden;

    /// <summary>Makes the score.</summary>
    /// <param name="queryWidth">Dq.</param>
    /// <param name="keyWidth">Dk.</param>
    /// <param name="hidden">The width inside the tanh.</param>
    /// <param name="bias">Whether to add b inside the tanh.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive.</exception>
    public ConcatScore(long queryWidth, long keyWidth, long hidden, bool bias = false)
        : base(nameof(ConcatScore))
    {
        this.queryWidth = ScoreShape.Positive(queryWidth, nameof(queryWidth));
        this.keyWidth = ScoreShape.Positive(keyWidth, nameof(keyWidth));
        this.hidden = ScoreShape.Positive(hidden, nameof(hidden));
        Projection = nn.Linear(queryWidth + keyWidth, hidden, hasBias: bias);
        Combination = nn.Linear(hidden, 1, hasBias: false);
        RegisterComponents();
    }

    /// <summary>W and b.</summary>
    [field: ComponentName(Name = "attn")]
    public Linear Projection { get; }

    /// <summary>v, as a map to one number.</summary>
    [field: ComponentName(Name = "v")]
    public Linear Combination { get; }

    /// <inheritdoc cref="AdditiveScore.BlockSize"/>
    public long? BlockSize
    {
        get;
        init => field = value is { } size ? ScoreShape.Positive(size, nameof(BlockSize)) : null;
    }

    /// <summary>2(W₂k + b) for every key, which is what the steps need: <c>[B,S,Dk]</c> → <c>[B,S,hidden]</c>.</summary>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    public override Tensor ProjectKeys(Tensor key)
    {
        ScoreShape.CheckKey(key, keyWidth, Projection.weight);
        using var scope = NewDisposeScope();
        var weight = Projection.weight.narrow(1, queryWidth, keyWidth);              // W₂ [hidden,Dk]
        return TanhScores.PrepareKeys(nn.functional.linear(key, weight, Projection.bias)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth, hidden);
        using var scope = NewDisposeScope();
        var weight = Projection.weight.narrow(1, 0, queryWidth);                     // W₁ [hidden,Dq]
        var projectedQuery = nn.functional.linear(query, weight);
        return TanhScores.Compute(projectedQuery, projectedKey, Combination.weight.squeeze(0), shape, hidden, BlockSize)
            .MoveToOuterDisposeScope();
    }
}
