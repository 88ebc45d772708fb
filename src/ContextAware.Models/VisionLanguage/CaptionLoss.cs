using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>The loss of captions: Xu et al. 2015, "Show, attend and tell" (arXiv 1502.03044), eq. 14.</summary>
public static class CaptionLoss
{
    /// <summary>The mean of −log p(true word), and λ times the <see cref="DoublyStochastic"/> penalty.</summary>
    /// <param name="answer">Logits <c>[B,T,V]</c> and, unless λ is 0, weights <c>[B,T,N]</c>.</param>
    /// <param name="target">The true words <c>[B,T]</c> int64.</param>
    /// <param name="lambda">λ; 1 in the paper, which sums over words where this takes their mean.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">λ is not 0 and the answer has no weights.</exception>
    public static Tensor Of(DecoderOutput answer, Tensor target, double lambda)
    {
        ArgumentNullException.ThrowIfNull(answer);
        using var scope = NewDisposeScope();
        var loss = SequenceLoss.CrossEntropy(answer.Logits, target);
        if (lambda != 0)
        {
            var weights = answer.Weights ?? throw new ArgumentException("Expected an answer with weights, got one without.", nameof(answer));
            loss += DoublyStochastic(weights, target) * lambda;
        }

        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>Σ_i (1 − Σ_t α_ti)²: how far a caption is from looking at every place once. The mean over the captions.</summary>
    /// <param name="weights">α <c>[B,T,N]</c>.</param>
    /// <param name="target">The true words <c>[B,T]</c> int64; what is looked at for padding doesn't count.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">The sizes don't fit each other.</exception>
    public static Tensor DoublyStochastic(Tensor weights, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(target);
        var (looked, words) = (weights.shape, target.shape);
        if (looked.Length != 3 || !looked.AsSpan(0, 2).SequenceEqual(words))
            throw new ArgumentException($"Expected weights [B,T,N] for target [B,T], got {ShapeText.Compact(looked)} for {ShapeText.Compact(words)}.", nameof(weights));
        using var scope = NewDisposeScope();
        var counts = (target != Vocabulary.Padding).to(weights.dtype).unsqueeze(2);       // [B,T,1]
        var totals = (weights * counts).sum(1L);                                          // [B,N]
        return (1 - totals).square().sum(1L).mean().MoveToOuterDisposeScope();
    }
}
