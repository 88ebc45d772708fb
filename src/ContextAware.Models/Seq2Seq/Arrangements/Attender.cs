using ContextAware.Attention;
using ContextAware.Loops;
using ContextAware.Models.Seq2Seq.Unrolled;
using ContextAware.Scoring;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>How a decoder looks at its source: a score, and with it a window and coverage where they are wanted.</summary>
/// <remarks>Shapes: B batch, T steps, S source length, D state width, W source width.</remarks>
/// <param name="attention">The score.</param>
/// <param name="window">What narrows the view; null: nothing.</param>
/// <param name="term">What brings coverage into a score that takes no previous weights; null: nothing.</param>
/// <param name="gate">β = σ(w s + b), what the whole context is weighed with; null: nothing.</param>
/// <param name="covers">Whether weights are summed up over the steps.</param>
internal sealed class Attender(ScoredAttention attention, LocalWindow? window, CoverageTerm? term, Linear? gate, bool covers)
{
    /// <summary>Whether a step depends on where the steps before it looked.</summary>
    public bool Remembers { get; } = covers || attention.Score is LocationScore;

    /// <summary>The score if a loop by hand can compute it: additive, and nothing added to it.</summary>
    public AdditiveScore? Simple { get; } =
        window is null && !covers && attention.Score is AdditiveScore { Gain: null, BlockSize: null } additive ? additive : null;

    /// <summary>What weighs the whole context.</summary>
    public Linear? Gate => gate;

    /// <summary>Looks, one step.</summary>
    /// <param name="query">The state that looks <c>[B,D]</c>.</param>
    /// <param name="source">The source.</param>
    /// <param name="looked">What <see cref="DecoderState.Looked"/> is.</param>
    /// <returns>What was seen, and what to remember of it.</returns>
    public (Look Look, Tensor? Looked) Step(Tensor query, DecoderSource source, Tensor? looked)
    {
        using var scope = NewDisposeScope();
        if (source.RowsEach > 1) return (Shared(query, source).MoveToOuterDisposeScope(), null);
        var weights = Weights(Score(query, source.Attended!.ProjectedKey, looked), query, source);
        var context = Weigh(WeightedSum.Over(weights, source.Attended.Value), query);      // [B,W]
        var next = !Remembers ? null : covers && looked is not null ? looked + weights : weights.alias();
        return (new(context.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope()), next?.MoveToOuterDisposeScope());
    }

    /// <summary>The first layer's gates with what was seen in them, where each position's part of them is there already.</summary>
    /// <param name="projected">The symbols' part <c>[B·R,G·D]</c>.</param>
    /// <param name="look">What was seen.</param>
    /// <param name="source">The source, with its <see cref="DecoderSource.Gates"/>.</param>
    /// <returns><c>[B·R,G·D]</c>.</returns>
    public static Tensor WithGates(Tensor projected, Look look, DecoderSource source)
    {
        using var scope = NewDisposeScope();
        var seen = SumLoops.Over(look.Weights!.unflatten(0, -1, source.RowsEach), source.Gates!);   // [B,R,S]·[B,S,G·D]
        return seen.flatten(0, 1).add_(projected).MoveToOuterDisposeScope();
    }

    /// <summary>Looks for all steps: at once, or one by one where each depends on the last.</summary>
    /// <param name="queries">The states that look <c>[T,B,D]</c>.</param>
    /// <param name="source">The source.</param>
    /// <param name="looked">What <see cref="DecoderState.Looked"/> is before the first.</param>
    /// <returns>Contexts <c>[T,B,W]</c> and weights <c>[T,B,S]</c>.</returns>
    public Look All(Tensor queries, DecoderSource source, Tensor? looked)
    {
        using var scope = NewDisposeScope();
        if (Remembers)
        {
            var looks = new List<Look>();
            foreach (var query in queries.unbind(0))
            {
                (var look, looked) = Step(query, source, looked);
                looks.Add(look);
            }

            return Look.Stack(looks).MoveToOuterDisposeScope();
        }

        var (contexts, weights) = Many(queries.transpose(0, 1), source);
        return new Look(contexts.transpose(0, 1), weights!.transpose(0, 1)).MoveToOuterDisposeScope();
    }

    // Beams of one source look at it as many queries at once: nothing is repeated for them.
    private Look Shared(Tensor query, DecoderSource source)
    {
        var (contexts, weights) = Many(query.unflatten(0, -1, source.RowsEach), source);   // [B,R,D]
        return new(contexts.flatten(0, 1), weights!.flatten(0, 1));
    }

    // [B,T,D] → [B,T,W] and [B,T,S].
    private Look Many(Tensor queries, DecoderSource source)
    {
        var weights = Weights(attention.Score.Score(queries, source.Attended!.ProjectedKey), queries, source);
        return new(Weigh(SumLoops.Over(weights, source.Attended.Value), queries), weights);
    }

    private Tensor Weigh(Tensor context, Tensor query) => gate is null ? context : context * gate.call(query).sigmoid();

    private Tensor Weights(Tensor scores, Tensor query, DecoderSource source)
    {
        if (window is null) return source.Attended!.Softmax(scores);
        var (inside, factors) = window.At(window.call(query, source.Lengths!), source.Positions!);
        return source.Attended!.Softmax(scores, inside) * factors.to(scores.dtype);
    }

    private Tensor Score(Tensor query, Tensor key, Tensor? looked)
    {
        if (looked is null) return attention.Score.Score(query, key);
        if (attention.Score is LocationScore location) return location.Score(query, key, looked);
        return attention.Score.Score(query, term!.call(key, looked));
    }
}
