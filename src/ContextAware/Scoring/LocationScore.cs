using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>
/// The additive score that also sees where the last step looked: Chorowski et al. 2015 (arXiv 1506.07503), eq. 8 and 9.
/// </summary>
/// <remarks>
/// f = F ∗ (previous weights), filters of odd width over the keys; score_s = vᵀ tanh(W_q q + W_k k_s + U f_s + b).
/// Each step needs the weights of the step before, so queries are scored one by one:
/// <see cref="Score(Tensor, Tensor, Tensor)"/>. <see cref="ContextAware.Attention.ScoredAttention"/> passes them on.
/// Whoever wants the sum of all previous weights there (as in Tacotron 2) passes that.
/// In the state dict: <c>W_q.weight</c> <c>[hidden,Dq]</c>, <c>W_k.weight</c> <c>[hidden,Dk]</c>, <c>w_v.weight</c>
/// <c>[1,hidden]</c>, <c>b</c> <c>[hidden]</c> as in <see cref="AdditiveScore"/>; <c>F.weight</c>
/// <c>[filters,1,filterWidth]</c>, <c>U.weight</c> <c>[hidden,filters]</c>.
/// </remarks>
public sealed class LocationScore : ScoreFunction
{
    private readonly long queryWidth;
    private readonly long keyWidth;
    private readonly long hidden;
    private readonly long filterWidth;

    /// <summary>Makes the score.</summary>
    /// <param name="queryWidth">Dq.</param>
    /// <param name="keyWidth">Dk.</param>
    /// <param name="hidden">The width in which query, key and location are added.</param>
    /// <param name="filters">How many filters see the previous weights.</param>
    /// <param name="filterWidth">How many keys a filter sees at once: odd, so that it has a middle.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="filterWidth"/> is even.</exception>
    public LocationScore(long queryWidth, long keyWidth, long hidden, long filters = 32, long filterWidth = 31)
        : base(nameof(LocationScore))
    {
        this.queryWidth = ScoreShape.Positive(queryWidth, nameof(queryWidth));
        this.keyWidth = ScoreShape.Positive(keyWidth, nameof(keyWidth));
        this.hidden = ScoreShape.Positive(hidden, nameof(hidden));
        ScoreShape.Positive(filters, nameof(filters));
        this.filterWidth = ScoreShape.Positive(filterWidth, nameof(filterWidth));
        if (filterWidth % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(filterWidth), filterWidth, $"Expected an odd width, got {filterWidth}.");
        QueryProjection = nn.Linear(queryWidth, hidden, hasBias: false);
        KeyProjection = nn.Linear(keyWidth, hidden, hasBias: false);
        Filters = nn.Conv1d(1, filters, filterWidth, padding: filterWidth / 2, bias: false);
        LocationProjection = nn.Linear(filters, hidden, hasBias: false);
        Combination = nn.Linear(hidden, 1, hasBias: false);
        Offset = OwnParameter.Of(zeros(hidden));
        RegisterComponents();
    }

    /// <summary>W_q.</summary>
    [field: ComponentName(Name = "W_q")]
    public Linear QueryProjection { get; }

    /// <summary>W_k.</summary>
    [field: ComponentName(Name = "W_k")]
    public Linear KeyProjection { get; }

    /// <summary>F.</summary>
    [field: ComponentName(Name = "F")]
    public Conv1d Filters { get; }

    /// <summary>U.</summary>
    [field: ComponentName(Name = "U")]
    public Linear LocationProjection { get; }

    /// <summary>v, as a map to one number.</summary>
    [field: ComponentName(Name = "w_v")]
    public Linear Combination { get; }

    /// <summary>b.</summary>
    [field: ComponentName(Name = "b")]
    public Parameter Offset { get; }

    /// <summary>2(W_k k + b) for every key, which is what the steps need: <c>[B,S,Dk]</c> → <c>[B,S,hidden]</c>.</summary>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    public override Tensor ProjectKeys(Tensor key)
    {
        ScoreShape.CheckKey(key, keyWidth, KeyProjection.weight);
        return TanhScores.PrepareKeys(nn.functional.linear(key, KeyProjection.weight, Offset));
    }

    /// <summary>Scores with no step before: f = 0.</summary>
    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth, hidden);
        return Score(query, projectedKey, shape);
    }

    /// <summary>Scores one step, given where the step before looked.</summary>
    /// <param name="query"><c>[B,Dq]</c>.</param>
    /// <param name="projectedKey">What <see cref="ProjectKeys"/> returned.</param>
    /// <param name="previousWeights"><c>[B,S]</c>.</param>
    /// <returns><c>[B,S]</c>.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public Tensor Score(Tensor query, Tensor projectedKey, Tensor previousWeights)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth, hidden);
        CheckPrevious(query, previousWeights, shape);
        if (shape.Keys == 0)
            return Score(query, projectedKey, shape);      // libtorch's convolution needs something to slide over
        using var scope = NewDisposeScope();
        var location = Filters.call(previousWeights.unsqueeze(1)).transpose(1, 2);            // f [B,S,filters]
        var located = projectedKey.add(LocationProjection.call(location), alpha: 2);          // [B,S,hidden]
        return Score(query, located, shape).MoveToOuterDisposeScope();
    }

    private Tensor Score(Tensor query, Tensor doubledKey, ScoreShape shape)
    {
        using var scope = NewDisposeScope();
        var vector = Combination.weight.squeeze(0);
        return TanhScores.Compute(QueryProjection.call(query), doubledKey, vector, shape, hidden, blockSize: null)
            .MoveToOuterDisposeScope();
    }

    private static void CheckPrevious(Tensor query, Tensor previousWeights, ScoreShape shape)
    {
        ArgumentNullException.ThrowIfNull(previousWeights);
        if (!shape.IsStep)
            throw new ArgumentException($"Expected a query of shape [B,Dq], one step, with previous weights; got {ShapeText.Compact(query)}.", nameof(query));
        var sizes = previousWeights.shape;
        if (sizes is not [var batch, var keys] || batch != shape.Batch || keys != shape.Keys)
        {
            throw new ArgumentException(
                $"Expected previous weights of shape [{shape.Batch},{shape.Keys}], got {ShapeText.Compact(sizes)}.",
                nameof(previousWeights));
        }

        ScoreShape.CheckAlike("previous weights", previousWeights, "the query", query, nameof(previousWeights));
    }
}
