using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>The additive score: Bahdanau et al. 2015 (arXiv 1409.0473), appendix A.1.2.</summary>
/// <remarks>
/// score = vᵀ tanh(W_q q + W_k k + b). Query and key may differ in width. In the state dict: <c>W_q.weight</c>
/// <c>[hidden,Dq]</c>, <c>W_k.weight</c> <c>[hidden,Dk]</c>, <c>w_v.weight</c> <c>[1,hidden]</c>, the names of the usual
/// Python implementations; <c>b</c> <c>[hidden]</c> where there is a bias.
/// The normalised form (Raffel et al. 2017, arXiv 1704.00784, eq. 16; Salimans and Kingma 2016) puts g·v/|v| in place of v,
/// with a learned scalar <c>g</c> that starts at 1/√hidden, and always has <c>b</c>, which starts at zero.
/// </remarks>
public sealed class AdditiveScore : ScoreFunction
{
    private readonly long queryWidth;
    private readonly long keyWidth;
    private readonly long hidden;

    /// <summary>Makes the score.</summary>
    /// <param name="queryWidth">Dq.</param>
    /// <param name="keyWidth">Dk.</param>
    /// <param name="hidden">The width in which query and key are added.</param>
    /// <param name="bias">Whether to add b inside the tanh.</param>
    /// <param name="normalized">Whether to take the weight-normalised form, which has b in any case.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive.</exception>
    public AdditiveScore(long queryWidth, long keyWidth, long hidden, bool bias = false, bool normalized = false)
        : base(nameof(AdditiveScore))
    {
        this.queryWidth = ScoreShape.Positive(queryWidth, nameof(queryWidth));
        this.keyWidth = ScoreShape.Positive(keyWidth, nameof(keyWidth));
        this.hidden = ScoreShape.Positive(hidden, nameof(hidden));
        QueryProjection = nn.Linear(queryWidth, hidden, hasBias: false);
        KeyProjection = nn.Linear(keyWidth, hidden, hasBias: false);
        Combination = nn.Linear(hidden, 1, hasBias: false);
        Offset = bias || normalized ? OwnParameter.Of(zeros(hidden)) : null;
        Gain = normalized ? OwnParameter.Of(tensor((float)(1 / Math.Sqrt(hidden)))) : null;
        RegisterComponents();
    }

    /// <summary>W_q.</summary>
    [field: ComponentName(Name = "W_q")]
    public Linear QueryProjection { get; }

    /// <summary>W_k.</summary>
    [field: ComponentName(Name = "W_k")]
    public Linear KeyProjection { get; }

    /// <summary>v, as a map to one number.</summary>
    [field: ComponentName(Name = "w_v")]
    public Linear Combination { get; }

    /// <summary>b <c>[hidden]</c>, or null.</summary>
    [field: ComponentName(Name = "b")]
    public Parameter? Offset { get; }

    /// <summary>g, a scalar, or null where the form is not normalised.</summary>
    [field: ComponentName(Name = "g")]
    public Parameter? Gain { get; }

    /// <summary>
    /// How many elements of the sum inside the tanh, <c>[B,T,S,hidden]</c>, are held at once. Longer inputs are scored in
    /// blocks, and the backward pass makes the blocks again instead of keeping them. Null, the default: by device.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public long? BlockSize
    {
        get;
        init => field = value is { } size ? ScoreShape.Positive(size, nameof(BlockSize)) : null;
    }

    /// <summary>2(W_k k + b) for every key, which is what the steps need: <c>[B,S,Dk]</c> → <c>[B,S,hidden]</c>.</summary>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    public override Tensor ProjectKeys(Tensor key)
    {
        ScoreShape.CheckKey(key, keyWidth, KeyProjection.weight);
        return TanhScores.PrepareKeys(nn.functional.linear(key, KeyProjection.weight, Offset));
    }

    /// <inheritdoc/>
    public override Tensor Score(Tensor query, Tensor projectedKey)
    {
        var shape = ScoreShape.Of(query, projectedKey, queryWidth, hidden);
        using var scope = NewDisposeScope();
        var projectedQuery = QueryProjection.call(query);                             // [B,h] or [B,T,h]
        return TanhScores.Compute(projectedQuery, projectedKey, CombinationVector(), shape, hidden, BlockSize)
            .MoveToOuterDisposeScope();
    }

    /// <summary>v, or g·v/|v|: <c>[hidden]</c>.</summary>
    private Tensor CombinationVector()
    {
        var vector = Combination.weight.squeeze(0);
        return Gain is null ? vector : vector * (Gain / vector.norm());
    }
}
