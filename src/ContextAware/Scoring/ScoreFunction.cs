using static TorchSharp.torch;

namespace ContextAware.Scoring;

/// <summary>
/// How well each key fits each query: the first half of an attention mechanism. The second half, softmax and the
/// weighted sum of values, is the same for all of them.
/// </summary>
/// <remarks>
/// Shapes: B batch, T query length, S key length, Dq and Dk widths of query and key. A query is <c>[B,T,Dq]</c>, or
/// <c>[B,Dq]</c> for a single decoding step, which is served without copying anything. Scores are raw: no mask, no softmax.
/// A decoder calls <see cref="ProjectKeys"/> once per source and <see cref="Score"/> at every step.
/// </remarks>
public abstract class ScoreFunction : nn.Module<Tensor, Tensor, Tensor>
{
    /// <summary>Names the module.</summary>
    /// <param name="name">The module's name, by custom the class's.</param>
    protected ScoreFunction(string name)
        : base(name)
    {
    }

    /// <summary>Scores every key for every query.</summary>
    /// <param name="query"><c>[B,T,Dq]</c>, or <c>[B,Dq]</c> for one step.</param>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    /// <returns><c>[B,T,S]</c>, or <c>[B,S]</c> for one step.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">Rank, batch, width, dtype or device do not fit.</exception>
    public override Tensor forward(Tensor query, Tensor key)
    {
        using var scope = NewDisposeScope();
        return Score(query, ProjectKeys(key)).MoveToOuterDisposeScope();
    }

    /// <summary>The part of the work that depends on the keys alone: do it once per source.</summary>
    /// <param name="key"><c>[B,S,Dk]</c>.</param>
    /// <returns>What <see cref="Score"/> takes as its second argument; a tensor of its own, to be disposed apart from
    /// <paramref name="key"/>, though it may share its memory.</returns>
    public virtual Tensor ProjectKeys(Tensor key)
    {
        ScoreShape.CheckKey(key);
        return key.alias();
    }

    /// <summary>Scores keys that <see cref="ProjectKeys"/> has prepared.</summary>
    /// <param name="query"><c>[B,T,Dq]</c>, or <c>[B,Dq]</c> for one step.</param>
    /// <param name="projectedKey">What <see cref="ProjectKeys"/> returned.</param>
    /// <returns><c>[B,T,S]</c>, or <c>[B,S]</c> for one step.</returns>
    public abstract Tensor Score(Tensor query, Tensor projectedKey);
}
