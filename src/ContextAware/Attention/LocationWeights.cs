using ContextAware.Masking;
using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Weights by a <see cref="LocationScore"/>, query by query, each step seeing the weights of the step before.</summary>
internal static class LocationWeights
{
    /// <summary>The weights of one step or of a run of steps.</summary>
    /// <param name="score">The score.</param>
    /// <param name="query"><c>[B,T,Dq]</c> or <c>[B,Dq]</c>.</param>
    /// <param name="source">Keys and mask.</param>
    /// <param name="previous">Weights before the first of these steps, <c>[B,S]</c>; null if there was none.</param>
    /// <returns><c>[B,T,S]</c> or <c>[B,S]</c>.</returns>
    public static Tensor Of(LocationScore score, Tensor query, AttentionSource source, Tensor? previous)
    {
        ArgumentNullException.ThrowIfNull(query);
        var shape = query.shape;
        if (shape.Length != 3)
            return Step(score, query, source.ProjectedKey, source.AllowedFor(shape), previous);

        using var scope = NewDisposeScope();
        var allowed = source.AllowedFor(shape);                                     // [B|1,T|1,S|1]
        var masks = allowed?.unbind(1);
        var steps = new List<Tensor>();
        foreach (var step in query.unbind(1))                                       // [B,Dq]
        {
            var mask = masks is null ? null : masks[masks.Length == 1 ? 0 : steps.Count];
            previous = Step(score, step, source.ProjectedKey, mask, previous);
            steps.Add(previous);
        }

        var weights = steps.Count > 0 ? stack(steps, 1) : score.Score(query, source.ProjectedKey);
        return weights.MoveToOuterDisposeScope();
    }

    private static Tensor Step(LocationScore score, Tensor query, Tensor projectedKey, Tensor? allowed, Tensor? previous)
    {
        using var scope = NewDisposeScope();
        var scores = previous is null ? score.Score(query, projectedKey) : score.Score(query, projectedKey, previous);
        return MaskedSoftmax.Apply(scores, allowed).MoveToOuterDisposeScope();
    }
}
