using System.Globalization;
using Caption.Digits;

namespace Caption.Writing;

/// <summary>How good captions are.</summary>
/// <param name="Exact">The share of captions that are right, word for word.</param>
/// <param name="Words">The share of words that are right in their places.</param>
/// <param name="Pointing">The share of words whose attention is strongest inside the frame of the digit in their place.</param>
/// <param name="Count">How many pictures.</param>
public sealed record CaptionScore(double Exact, double Words, double Pointing, int Count)
{
    /// <summary>Judges captions.</summary>
    public static CaptionScore Of(IReadOnlyList<Scene> scenes, IReadOnlyList<WrittenCaption> captions)
    {
        var (exact, right, pointed, words) = (0, 0, 0, 0);
        foreach (var (scene, caption) in scenes.Zip(captions))
        {
            if (scene.Words.SequenceEqual(caption.Words)) exact++;
            words += scene.Boxes.Count;
            for (var i = 0; i < Math.Min(scene.Boxes.Count, caption.Words.Count); i++)
            {
                var (row, column) = caption.Peak(i, Scene.Height, Scene.Width);
                if (DigitWords.Names[scene.Boxes[i].Digit] == caption.Words[i]) right++;
                if (scene.Boxes[i].Holds(row, column)) pointed++;
            }
        }

        return new((double)exact / scenes.Count, (double)right / words, (double)pointed / words, scenes.Count);
    }

    /// <summary>All figures in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"exact match {Exact:0.0%}, words {Words:0.0%}, pointing {Pointing:0.0%} on {Count:#,0} pictures");
}
