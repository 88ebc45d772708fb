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
        if (query.Dimensions != 3)
            return Step(score, query, source, previous);

        using var scope = NewDisposeScope();
        List<Tensor> steps = [];
        foreach (var step in query.unbind(1))                                       // [B,Dq]
        {
            previous = Step(score, step, source.Query(steps.Count), previous);
            steps.Add(previous);
        }

        var weights = steps.Count > 0 ? stack(steps, 1) : score.Score(query, source.ProjectedKey);
        return weights.MoveToOuterDisposeScope();
    }

    private static Tensor Step(LocationScore score, Tensor query, AttentionSource source, Tensor? previous)
    {
        using var scope = NewDisposeScope();
        var scores = previous is null ? score.Score(query, source.ProjectedKey) : score.Score(query, source.ProjectedKey, previous);
        return source.Softmax(scores).MoveToOuterDisposeScope();
    }
}
