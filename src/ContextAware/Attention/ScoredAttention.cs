using ContextAware.Masking;
using ContextAware.Randomness;
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
    private readonly double dropout;

    /// <summary>Makes the attention.</summary>
    /// <param name="score">How well a key fits a query; part of this module from now on, under the name <c>score</c>.</param>
    /// <param name="dropout">The share of weights that is dropped in training.</param>
    /// <exception cref="ArgumentNullException"><paramref name="score"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not from 0 to 1.</exception>
    public ScoredAttention(ScoreFunction score, double dropout = 0)
        : base(nameof(ScoredAttention))
    {
        ArgumentNullException.ThrowIfNull(score);
        this.dropout = DropoutShare.Check(dropout);
        Score = score;
        RegisterComponents();
    }

    /// <summary>The score function.</summary>
    [field: ComponentName(Name = "score")]
    public ScoreFunction Score { get; }

    /// <summary>The share of weights that is dropped in training.</summary>
    public double Dropout => dropout;

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
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="queryLength"/> is negative.</exception>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public AttentionSource Prepare(Tensor key, Tensor value, AttentionMask? mask = null, long queryLength = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(queryLength);
        using var scope = NewDisposeScope();
        var (batch, keys) = ScoredAttentionChecks.KeysAndValues(key, value);
        var allowed = mask?.ToTensor(batch, 1, queryLength, keys, key.device)?.squeeze(1);     // [B|1,T|1,S|1]
        if (allowed is null)
            return new AttentionSource(Score.ProjectKeys(key), value.alias(), null, null).MoveToOuterDisposeScope();

        var hidden = HiddenKeys.Of(allowed);                                                   // [B|1,S|1,1]
        (key, value) = (HiddenKeys.Clear(key, hidden), HiddenKeys.Clear(value, hidden));
        Tensor? poisoned = null;
        if (allowed.shape[1] > 1 && !NonFiniteGuard.AllFinite(key, value))
        {
            poisoned = HiddenKeys.Seen(allowed, key, value);                                   // [B,T,1]
            (key, value) = (key.nan_to_num(0, 0, 0), value.nan_to_num(0, 0, 0));
        }

        return new AttentionSource(Score.ProjectKeys(key), value, new SourceMask(allowed), poisoned).MoveToOuterDisposeScope();
    }

    /// <summary>Attends to a source that <see cref="Prepare"/> has made ready.</summary>
    /// <param name="query"><c>[B,T,Dq]</c>, or <c>[B,Dq]</c> for a single step.</param>
    /// <param name="source">The keys, values and mask.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <param name="previousWeights">Only for a <see cref="LocationScore"/>: the weights of the step before, <c>[B,S]</c>; null
    /// for the first step. Several queries are taken one after the other, each seeing the weights of the one before.</param>
    /// <returns>Output <c>[B,T,Dv]</c> or <c>[B,Dv]</c>; weights, if wanted, <c>[B,T,S]</c> or <c>[B,S]</c>, as they were before
    /// dropout.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="query"/> or <paramref name="source"/> is null.</exception>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit, or the score takes no previous weights.</exception>
    public AttentionResult Attend(Tensor query, AttentionSource source, bool needWeights = false, Tensor? previousWeights = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(source);
        source.CheckQueries(query);
        using var scope = NewDisposeScope();
        query = source.Clean(query);
        var weights = Score is LocationScore location
            ? LocationWeights.Of(location, query, source, previousWeights)
            : Weights(query, source, previousWeights);                                         // [B,T,S] or [B,S]
        weights = source.Mark(weights);
        var dropped = training && dropout > 0 ? DropoutMask.Apply(weights, dropout) : weights;
        return new AttentionResult(source.Combine(dropped), needWeights ? weights : null).MoveToOuterDisposeScope();
    }

    private Tensor Weights(Tensor query, AttentionSource source, Tensor? previousWeights)
    {
        if (previousWeights is not null)
            throw new ArgumentException($"Expected no previous weights, since {Score.GetName()} takes none.", nameof(previousWeights));
        return source.Softmax(Score.Score(query, source.ProjectedKey));
    }
}
