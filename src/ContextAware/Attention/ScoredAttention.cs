using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Attention with any score function: weights = softmax(score(query, key)), output = weights · value.
/// Bahdanau et al. 2015 (arXiv 1409.0473), eq. 5 and 6.
/// </summary>
/// <remarks>
/// Shapes: B batch, T query length, S key length, Dq, Dk, Dv the widths of query, key and value. A query is
/// <c>[B,T,Dq]</c>, or <c>[B,Dq]</c> for a single decoding step; output and weights then have no T either.
/// A query that may look at nothing gets a zero output and zero weights.
/// <para>A decoder calls <see cref="Prepare"/> once per source and <see cref="Attend"/> at every step.</para>
/// </remarks>
public sealed class ScoredAttention : nn.Module<Tensor, Tensor, Tensor, AttentionMask?, bool, AttentionResult>
{
    /// <summary>Makes the attention.</summary>
    /// <param name="score">How well a key fits a query; part of this module from now on, under the name <c>score</c>.</param>
    /// <param name="dropout">The share of weights that is dropped in training.</param>
    /// <exception cref="ArgumentNullException"><paramref name="score"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not in [0, 1).</exception>
    public ScoredAttention(ScoreFunction score, double dropout = 0)
        : base(nameof(ScoredAttention))
    {
        ArgumentNullException.ThrowIfNull(score);
        if (dropout is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, $"Expected a share of at least 0 and below 1, got {dropout}.");
        Score = score;
        Dropout = dropout;
        RegisterComponents();
    }

    /// <summary>The score function.</summary>
    [field: ComponentName(Name = "score")]
    public ScoreFunction Score { get; }

    /// <summary>The share of weights that is dropped in training.</summary>
    public double Dropout { get; }

    /// <summary>Attends from every query to the keys it may see.</summary>
    /// <param name="query"><c>[B,T,Dq]</c>, or <c>[B,Dq]</c>.</param>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    /// <param name="value"><c>[B,S,Dv]</c>.</param>
    /// <param name="mask">Which keys may be seen; null: all.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,T,Dv]</c> or <c>[B,Dv]</c>; weights, if wanted, <c>[B,T,S]</c> or <c>[B,S]</c>.</returns>
    /// <exception cref="ArgumentNullException">A tensor is null.</exception>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public new AttentionResult call(Tensor query, Tensor key, Tensor value, AttentionMask? mask = null, bool needWeights = false) =>
        base.call(query, key, value, mask, needWeights);

    /// <inheritdoc cref="call"/>
    public override AttentionResult forward(Tensor query, Tensor key, Tensor value, AttentionMask? mask, bool needWeights)
    {
        ArgumentNullException.ThrowIfNull(query);
        using var scope = NewDisposeScope();
        var shape = query.shape;
        var source = Prepare(key, value, mask, shape.Length == 3 ? shape[1] : 1);
        return Attend(query, source, needWeights).MoveToOuterDisposeScope();
    }

    /// <summary>Makes keys, values and mask ready for many queries.</summary>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    /// <param name="value"><c>[B,S,Dv]</c>.</param>
    /// <param name="mask">Which keys may be seen; null: all.</param>
    /// <param name="queryLength">How many queries come at a time, for a mask that depends on the query; 1 for single steps.</param>
    /// <returns>What <see cref="Attend"/> takes.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public AttentionSource Prepare(Tensor key, Tensor value, AttentionMask? mask = null, long queryLength = 1)
    {
        using var scope = NewDisposeScope();
        var (batch, keys) = ScoredAttentionChecks.KeysAndValues(key, value);
        var allowed = mask?.ToTensor(batch, 1, queryLength, keys, key.device)?.squeeze(1);     // [B|1,T|1,S|1]
        if (allowed is not null)
        {
            // What no query sees may be anything, NaN too: zero times NaN would reach the output and the gradient.
            var hidden = allowed.any(1).logical_not().unsqueeze(-1);                           // [B|1,S|1,1]
            key = key.masked_fill(hidden, 0);
            value = value.masked_fill(hidden, 0);
        }

        return new AttentionSource(Score.ProjectKeys(key), value.alias(), allowed).MoveToOuterDisposeScope();
    }

    /// <summary>Attends to a source that <see cref="Prepare"/> has made ready.</summary>
    /// <param name="query"><c>[B,T,Dq]</c>, or <c>[B,Dq]</c> for a single step.</param>
    /// <param name="source">The keys, values and mask.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,T,Dv]</c> or <c>[B,Dv]</c>; weights, if wanted, <c>[B,T,S]</c> or <c>[B,S]</c>.</returns>
    public AttentionResult Attend(Tensor query, AttentionSource source, bool needWeights = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var scope = NewDisposeScope();
        var scores = Score.Score(query, source.ProjectedKey);                                  // [B,T,S] or [B,S]
        var isStep = scores.Dimensions == 2;
        var allowed = isStep ? source.Allowed?.squeeze(1) : source.Allowed;
        var weights = MaskedSoftmax.Apply(scores, allowed);
        var dropped = training && Dropout > 0 ? nn.functional.dropout(weights, Dropout) : weights;
        var output = isStep
            ? bmm(dropped.unsqueeze(1), source.Value).squeeze(1)                               // [B,1,S]·[B,S,Dv] → [B,Dv]
            : bmm(dropped, source.Value);                                                      // [B,T,S]·[B,S,Dv] → [B,T,Dv]
        return new AttentionResult(output, needWeights ? dropped : null).MoveToOuterDisposeScope();
    }
}
