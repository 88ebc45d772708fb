using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>How a question looks at a picture.</summary>
/// <remarks>
/// What depends on a picture alone is computed once for all questions about it.
/// Shapes: P pictures, B questions, C features, h × w grid of N places, Q question width, G maps, W joint width.
/// </remarks>
public abstract class QuestionAttention : nn.Module<Tensor, Tensor, PictureGlimpses>
{
    private readonly long channels;
    private readonly long questionWidth;

    private protected QuestionAttention(string name, long channels, long questionWidth) : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(questionWidth);
        (this.channels, this.questionWidth) = (channels, questionWidth);
    }

    /// <summary>W.</summary>
    public abstract long OutputWidth { get; }

    /// <summary>G.</summary>
    public abstract long MapCount { get; }

    /// <summary>Looks.</summary>
    /// <param name="features"><c>[P,C,h,w]</c>.</param>
    /// <param name="question"><c>[B,Q]</c>, the same number to each picture, side by side.</param>
    /// <returns>Joint <c>[B,W]</c>, maps <c>[B,G,h,w]</c>.</returns>
    /// <exception cref="ArgumentException">The sizes don't fit.</exception>
    public sealed override PictureGlimpses forward(Tensor features, Tensor question)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(question);
        if (features.shape is not [var pictures, var depth, var height, var width] || depth != channels)
            throw new ArgumentException($"Expected features [P,{channels},h,w], got {ShapeText.Compact(features)}.", nameof(features));
        if (question.shape is not [var asked, var wide] || wide != questionWidth)
            throw new ArgumentException($"Expected questions [B,{questionWidth}], got {ShapeText.Compact(question)}.", nameof(question));
        CheckCounts(pictures, asked, nameof(question));
        using var scope = NewDisposeScope();
        var places = features.flatten(2).transpose(1, 2);                                 // [P,N,C]
        var (joint, maps) = Look(places, question.view(pictures, asked / pictures, wide));
        return new(
            joint.view(asked, OutputWidth).MoveToOuterDisposeScope(),
            maps.view(asked, MapCount, height, width).MoveToOuterDisposeScope());
    }

    /// <summary>Throws unless there are as many questions to each picture.</summary>
    internal static void CheckCounts(long pictures, long asked, string argument)
    {
        if (pictures == 0 || asked % pictures != 0)
            throw new ArgumentException($"Expected as many questions to each of {pictures} pictures, got {asked} questions.", argument);
    }

    /// <summary>K questions look at places <c>[P,N,C]</c>.</summary>
    /// <param name="places"><c>[P,N,C]</c>.</param>
    /// <param name="question"><c>[P,K,Q]</c>.</param>
    /// <returns>Joint <c>[P,K,W]</c>, maps <c>[P,K,G,N]</c>.</returns>
    private protected abstract (Tensor Joint, Tensor Maps) Look(Tensor places, Tensor question);
}
