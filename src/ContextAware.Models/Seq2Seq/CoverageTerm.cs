using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// Tells the score how much attention each position has had: See et al. 2017 (arXiv 1704.04368), eq. 11.
/// </summary>
/// <remarks>
/// w_c·c is added to the projected keys, inside of the tanh of an additive score as in the paper; with a product score it is
/// the query that says whether attention in the past speaks for a position or against it. It starts at zero, as if there
/// were no coverage. In the state dict: <c>w_c</c> <c>[A]</c>, A the width of a projected key.
/// </remarks>
public sealed class CoverageTerm : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Scalar scale;

    [ComponentName(Name = "w_c")]
    private readonly Parameter weight;

    /// <summary>Makes the term.</summary>
    /// <param name="score">The score that it goes into.</param>
    /// <param name="sourceWidth">W: the width of a key before it is projected.</param>
    public CoverageTerm(ScoreFunction score, long sourceWidth)
        : base(nameof(CoverageTerm))
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sourceWidth);
        // The scores with a tanh keep their keys doubled.
        scale = score is AdditiveScore or ConcatScore ? 2 : 1;
        var like = score.parameters().FirstOrDefault();
        weight = OwnParameter.Of(zeros([ProjectedWidth(score, sourceWidth, like)], like?.dtype, like?.device));
        RegisterComponents();
    }

    /// <summary>The keys with the coverage in them.</summary>
    /// <param name="projectedKey">What the score made of the keys <c>[B,S,A]</c>.</param>
    /// <param name="coverage">The sum of the weights of all steps before <c>[B,S]</c>.</param>
    /// <returns><c>[B,S,A]</c>.</returns>
    public override Tensor forward(Tensor projectedKey, Tensor coverage)
    {
        using var scope = NewDisposeScope();
        return projectedKey.add(coverage.unsqueeze(2) * weight, scale).MoveToOuterDisposeScope();
    }

    private static long ProjectedWidth(ScoreFunction score, long sourceWidth, Tensor? like)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return score.ProjectKeys(zeros([1, 1, sourceWidth], like?.dtype, like?.device)).size(2);
    }
}
