using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The multiplicative score with a learned matrix: Luong et al. 2015 (arXiv 1508.04025), eq. 8, "general".</summary>
/// <remarks>score = qᵀWk, with W <c>[Dq,Dk]</c> under the name <c>W.weight</c>. Query and key may differ in width.</remarks>
public sealed class GeneralScore : ScoreFunction
{
    private readonly long queryWidth;
    private readonly long keyWidth;

    /// <summary>Makes the score.</summary>
    /// <param name="queryWidth">Dq.</param>
    /// <param name="keyWidth">Dk.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive.</exception>
    public GeneralScore(long queryWidth, long keyWidth)
        : base(nameof(GeneralScore))
    {
        this.queryWidth = ScoreShape.Positive(queryWidth, nameof(queryWidth));
        this.keyWidth = ScoreShape.Positive(keyWidth, nameof(keyWidth));
        KeyProjection = nn.Linear(keyWidth, queryWidth, hasBias: false);
        RegisterComponents();
    }

    /// <summary>W: takes keys to the space of the queries.</summary>
    [field: ComponentName(Name = "W")]
    public Linear KeyProjection { get; }

    /// <summary>Scores every key for every query; W is applied to whichever of them are fewer.</summary>
    /// <inheritdoc/>
    public override Tensor forward(Tensor query, Tensor key)
    {
        ScoreShape.CheckKey(key, keyWidth, KeyProjection.weight);
        var shape = ScoreShape.Of(query, key, queryWidth, keyWidth);
        using var scope = NewDisposeScope();
        var scores = shape.Steps < shape.Keys
            ? DotScore.Products(matmul(query, KeyProjection.weight), key, shape)     // Wᵀq [B,T,Dk]
            : DotScore.Products(query, KeyProjection.call(key), shape);              // Wk [B,S,Dq]
        return scores.MoveToOuterDisposeScope();
    }

    /// <summary>Wk for every key: <c>[B,S,Dk]</c> → <c>[B,S,Dq]</c>.</summary>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    public override Tensor ProjectKeys(Tensor key)
    {
        ScoreShape.CheckKey(key, keyWidth, KeyProjection.weight);
        return KeyProjection.call(key);
    }

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth, queryWidth);
        return DotScore.Products(query, projectedKey, shape);
    }
}
